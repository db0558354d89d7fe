using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.EndToEndTests.Services;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>A login by a provider's forms in a headless Chromium, with all that a browser makes of cookies and redirects.</summary>
internal static class BrowserLogin
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Walks from a URL to another one, and gives what is there; skips the test where there is no Chromium.</summary>
    public static async Task<BrowserLanding> GoAsync(BrowserWay way)
    {
        Assert.SkipUnless(ExternalTools.Chromium.IsAvailable, ExternalTools.Chromium.WhyMissing);
        _ = ExternalTools.NodeModules.Require();
        var result = await ProcessRunner.RunAsync(
            ExternalTools.Node.Require(),
            ["--no-warnings", Script.PathOf("login.mjs"), ExternalTools.Chromium.Require(), JsonSerializer.Serialize(way, _json)]);
        return JsonSerializer.Deserialize<BrowserLanding>(result.Succeeded().Output, _json)!;
    }
}

/// <summary>A login to walk through, as <c>login.mjs</c> takes it.</summary>
/// <param name="Start">The URL to open: the gateway's, or one of the provider.</param>
/// <param name="Account">Who signs in, where the provider asks.</param>
/// <param name="Until">A regular expression for the URL at the end.</param>
internal sealed record BrowserWay(Uri Start, string Account, string Until)
{
    /// <summary>Whether nobody serves the URL at the end.</summary>
    public bool Absent { get; init; }

    /// <summary>An expression in JavaScript to work out in the page at the end; it may be a promise.</summary>
    public string? Evaluate { get; init; }
}

/// <summary>Where a login in a browser ended.</summary>
/// <param name="Url">The URL.</param>
/// <param name="Status">The status there; null where nobody serves it.</param>
/// <param name="Page">The document as it stands; null where nobody serves it.</param>
/// <param name="Cookies">The cookies of every site.</param>
/// <param name="Visited">Every URL that the browser navigated to, in order, redirects among them.</param>
internal sealed record BrowserLanding(
    Uri Url, int? Status, string? Page, IReadOnlyList<KeptCookie> Cookies, IReadOnlyList<Uri> Visited)
{
    /// <summary>The value of <see cref="BrowserWay.Evaluate"/>.</summary>
    public JsonElement? Value { get; init; }
}

/// <summary>A cookie as the browser keeps it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Domain">The host that it is for.</param>
/// <param name="Path">The path that it is for.</param>
/// <param name="HttpOnly">Whether scripts cannot read it.</param>
/// <param name="Secure">Whether it is for TLS only.</param>
/// <param name="SameSite">Which other sites' requests it goes along with: <c>Strict</c>, <c>Lax</c> or <c>None</c>.</param>
internal sealed record KeptCookie(string Name, string Value, string Domain, string Path, bool HttpOnly, bool Secure, string SameSite);
