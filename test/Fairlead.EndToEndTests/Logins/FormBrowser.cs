using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Fairlead.Testing.Certificates;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>Follows redirects, keeps cookies and fills in forms: enough of a browser to walk through a provider's login pages, one request at a time.</summary>
internal sealed partial class FormBrowser : IDisposable
{
    private const int MostSteps = 20;

    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _client;

    public FormBrowser() => _client = new HttpClient(new SocketsHttpHandler
    {
        CookieContainer = _cookies,
        AllowAutoRedirect = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { TestCertificates.Shared.Authority } },
        },
    });

    /// <summary>The cookies for an address, as one line.</summary>
    public string CookiesFor(Uri address) => _cookies.GetCookieHeader(address);

    /// <summary>
    /// Opens an address and goes on, by redirects and by the forms that come, until an answer is neither; gives that one, with the address that it is of.
    /// </summary>
    /// <param name="start">The address.</param>
    /// <param name="fields">What is filled into the fields of forms, by name.</param>
    public async Task<HttpResponseMessage> WalkAsync(Uri start, IReadOnlyDictionary<string, string>? fields = null)
    {
        var request = Navigation(HttpMethod.Get, start);
        for (var step = 0; step < MostSteps; step++)
        {
            var at = request.RequestUri!;
            var response = await _client.SendAsync(request);
            if (response.Headers.Location is { } location)
            {
                request = Navigation(HttpMethod.Get, new Uri(at, location));
                continue;
            }

            var page = await response.Content.ReadAsStringAsync();
            if (GoingOn().Match(page) is { Success: true } on)
            {
                request = Navigation(HttpMethod.Get, new Uri(at, WebUtility.HtmlDecode(on.Groups["url"].Value)));
                request.Headers.Add("Sec-Fetch-Site", "same-origin");
                continue;
            }

            if (!response.IsSuccessStatusCode || Form().Match(page) is not { Success: true } form)
            {
                return response;
            }

            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            // Some fields stand outside of their form.
            var outside = page.Replace(form.Value, "", StringComparison.Ordinal);
            var id = Attribute(form.Groups["head"].Value, "id");
            foreach (var input in Input().Matches(form.Groups["body"].Value).Concat(Input().Matches(outside).Where(input => id is not null && string.Equals(Attribute(input.Value, "form"), id, StringComparison.Ordinal))))
            {
                var (name, value) = (Attribute(input.Value, "name"), Attribute(input.Value, "value"));
                // The button of somebody who changes their mind.
                if (name is not null and not "abort")
                {
                    values[name] = value ?? fields?.GetValueOrDefault(name) ?? "x";
                }
            }

            request = Navigation(HttpMethod.Post, new Uri(at, WebUtility.HtmlDecode(Attribute(form.Groups["head"].Value, "action") ?? at.AbsoluteUri)));
            request.Content = new FormUrlEncodedContent(values);
        }

        throw new InvalidOperationException($"The way from {start} does not end.");
    }

    /// <summary>A request of a page of the same origin.</summary>
    public async Task<(HttpStatusCode Status, string Body)> FetchAsync(HttpMethod method, Uri address, string? json = null)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Content = json is null ? null : new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var response = await _client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static HttpRequestMessage Navigation(HttpMethod method, Uri address) => new(method, address)
    {
        Headers = { { "Sec-Fetch-Mode", "navigate" }, { "Sec-Fetch-Dest", "document" }, { "Accept", "text/html" } },
    };

    private static string? Attribute(string tag, string name) => Regex.Match(tag, $"\\b{name}=\"(?<value>[^\"]*)\"", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)) is { Success: true } match ? match.Groups["value"].Value : null;

    [GeneratedRegex("http-equiv=\"refresh\" content=\"0; url=(?<url>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex GoingOn();

    [GeneratedRegex("<form(?<head>[^>]*)>(?<body>.*?)</form>", RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();

    [GeneratedRegex("<(input|button)[^>]*>", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Input();
}
