using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>
/// A person without a browser: keeps cookies, follows redirects, and submits every form of the provider. Cookies go by host and not by port, as in
/// a browser; <c>SameSite</c> and scripts are beyond it.
/// </summary>
internal sealed partial class BrowserlessLogin : IDisposable
{
    // Enough for every login here; a loop ends as a failure.
    private const int MostSteps = 30;

    private readonly SocketsHttpHandler _handler;
    private readonly string _provider;

    /// <summary>A person whose jar is empty.</summary>
    /// <param name="provider">Whose forms are submitted.</param>
    /// <param name="authorities">Further authorities to trust, besides the provider's.</param>
    public BrowserlessLogin(IIdentityProvider provider, params IEnumerable<X509Certificate2> authorities)
    {
        _provider = new Uri(provider.Issuer).GetLeftPart(UriPartial.Authority);
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            CookieContainer = Cookies,
            SslOptions = { CertificateChainPolicy = Trust(authorities.Append(X509Certificate2.CreateFromPem(provider.AuthorityPem))) },
        };
        Client = new HttpClient(_handler);
    }

    /// <summary>The jar.</summary>
    public CookieContainer Cookies { get; } = new();

    /// <summary>Sends single requests with the same jar; follows nothing.</summary>
    public HttpClient Client { get; }

    /// <summary>What was asked for, in order: the method and the URL.</summary>
    public IList<string> Steps { get; } = [];

    /// <summary>Opens a URL and goes on, past the provider's forms, until a page that is not one of them.</summary>
    /// <param name="start">A URL of the gateway that leads to the provider, or one of the provider.</param>
    /// <param name="account">Who signs in, where the provider asks.</param>
    /// <param name="until">Stops before a URL is asked for: where a redirect URI has no server. Null: goes to the end.</param>
    public async Task<Landing> GoAsync(Uri start, string account, Func<Uri, bool>? until = null)
    {
        var next = new HttpRequestMessage(HttpMethod.Get, start);
        for (var step = 0; step < MostSteps; step++)
        {
            var url = next.RequestUri!;
            if (until?.Invoke(url) is true)
            {
                next.Dispose();
                return new(url, Status: null, Page: "");
            }

            Steps.Add($"{next.Method} {url}");
            using var request = next;
            using var response = await Client.SendAsync(request);
            var page = await response.Content.ReadAsStringAsync();
            if (Redirect(request, response) is { } redirect)
            {
                next = redirect;
            }
            else if (GoingOn().Match(page) is { Success: true } on)
            {
                next = new HttpRequestMessage(HttpMethod.Get, new Uri(url, WebUtility.HtmlDecode(on.Groups["url"].Value)));
            }
            else if (string.Equals(url.GetLeftPart(UriPartial.Authority), _provider, StringComparison.Ordinal) && await HtmlForm.SubmitFirstAsync(page, url, account) is { } submission)
            {
                next = submission;
            }
            else
            {
                return new(url, response.StatusCode, page);
            }
        }

        throw new InvalidOperationException($"Still on the way after {MostSteps} steps:\n{string.Join('\n', Steps)}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        _handler.Dispose();
    }

    /// <summary>Trust in these authorities and in no other.</summary>
    internal static X509ChainPolicy Trust(params IEnumerable<X509Certificate2> authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities.ToArray());
        return policy;
    }

    [GeneratedRegex("http-equiv=\"refresh\" content=\"0; url=(?<url>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex GoingOn();

    /// <summary>The request that a redirect asks for (RFC 9110, section 15.4): a GET, as browsers make of a POST. None of the pages here sends 307.</summary>
    private static HttpRequestMessage? Redirect(HttpRequestMessage request, HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.MovedPermanently && response.Headers.Location is { } location
            ? new(HttpMethod.Get, new Uri(request.RequestUri!, location))
            : null;
}

/// <summary>Where a walk ended.</summary>
/// <param name="Url">The URL.</param>
/// <param name="Status">The status there; null where it was not asked for.</param>
/// <param name="Page">The page.</param>
internal sealed record Landing(Uri Url, HttpStatusCode? Status, string Page)
{
    /// <summary>A parameter of the URL's query, decoded; null where there is none.</summary>
    public string? Query(string name) =>
        Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(Url.Query).TryGetValue(name, out var values) ? values.ToString() : null;
}
