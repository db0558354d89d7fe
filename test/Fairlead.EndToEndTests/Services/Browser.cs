using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Services;

/// <summary>A headless Chromium that opens one page.</summary>
internal static class Browser
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Opens a page and gives what has become of it; skips the test where there is no Chromium.</summary>
    public static async Task<BrowserResult> OpenAsync(BrowserPage page)
    {
        var result = (await ProcessRunner.RunAsync(ExternalTools.Node.Require(), Arguments(page))).Succeeded();
        var lines = result.Output.TrimEnd('\n').Split('\n');
        return JsonSerializer.Deserialize<BrowserResult>(lines[^1], _json)! with { Console = lines[..^1] };
    }

    /// <summary>Opens a page and goes on; the lines of its console are the lines of the process.</summary>
    public static RunningProcess Start(BrowserPage page) => RunningProcess.Start(ExternalTools.Node.Require(), Arguments(page));

    private static string[] Arguments(BrowserPage page)
    {
        Assert.SkipUnless(ExternalTools.Chromium.IsAvailable, ExternalTools.Chromium.WhyMissing);
        _ = ExternalTools.NodeModules.Require();
        return ["--no-warnings", Script.PathOf("browser.mjs"), ExternalTools.Chromium.Require(), JsonSerializer.Serialize(page, _json)];
    }
}

/// <summary>A page to open, as <c>browser.mjs</c> takes it.</summary>
/// <param name="Url">Its URL.</param>
internal sealed record BrowserPage(string Url)
{
    /// <summary>A bearer token for the navigation and for nothing else.</summary>
    public string? Token { get; init; }

    /// <summary>A bearer token that the browser adds to every request, whoever makes it, as it does with what it keeps itself.</summary>
    public string? Ambient { get; init; }

    /// <summary>Cookies that are there before.</summary>
    public IReadOnlyList<BrowserCookie> Cookies { get; init; } = [];

    /// <summary>Headers that are taken from the page's answer: for a test's control.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>The line of the console at which the page is done; null: when it is loaded.</summary>
    public string? Until { get; init; }
}

/// <summary>A cookie that a script can read.</summary>
internal sealed record BrowserCookie(string Name, string Value, string Url);

/// <summary>What has become of a page.</summary>
/// <param name="Status">The status of the navigation.</param>
/// <param name="Page">The document as it stands at the end.</param>
/// <param name="Asked">Every URL that the browser asked for.</param>
internal sealed record BrowserResult(int Status, string Page, IReadOnlyList<string> Asked)
{
    /// <summary>The lines of the console.</summary>
    public IReadOnlyList<string> Console { get; init; } = [];

    /// <summary>The cookies that the browser has at the end.</summary>
    public IReadOnlyList<KeptCookie> Cookies { get; init; } = [];
}

/// <summary>A cookie that a browser has.</summary>
internal sealed record KeptCookie(string Name, string Value);
