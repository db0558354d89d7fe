using System.Net.Http.Headers;
using AngleSharp;
using AngleSharp.Html.Dom;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>The form of a page, filled in and submitted as a browser does.</summary>
internal static class HtmlForm
{
    /// <summary>
    /// The request that submits the first form: the account in its field for text, some password, and everything else as it stands, by the first of
    /// its buttons. Null where the page has no form.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="address">Its URL.</param>
    /// <param name="account">Who signs in.</param>
    public static async Task<HttpRequestMessage?> SubmitFirstAsync(string page, Uri address, string account)
    {
        using var context = BrowsingContext.New();
        using var document = await context.OpenAsync(response => response.Content(page).Address(address));
        if (document.Forms is not [var form, ..])
        {
            return null;
        }

        foreach (var input in form.Elements.OfType<IHtmlInputElement>())
        {
            input.Value = input.Type switch
            {
                "text" => account,
                "password" => "any password is good",
                _ => input.Value,
            };
        }

        // A button may stand outside and name its form.
        var button = document.QuerySelectorAll("button[type=submit]").OfType<IHtmlButtonElement>().FirstOrDefault(candidate => candidate.Form == form);
        var submission = (button is null ? form.GetSubmission() : form.GetSubmission(button))!;
        var content = new StreamContent(submission.Body);
        content.Headers.ContentType = submission.MimeType is { Length: > 0 } type ? MediaTypeHeaderValue.Parse(type) : null;
        var isPost = submission.Method == AngleSharp.Io.HttpMethod.Post;
        return new(isPost ? System.Net.Http.HttpMethod.Post : System.Net.Http.HttpMethod.Get, submission.Target.Href) { Content = isPost ? content : null };
    }
}
