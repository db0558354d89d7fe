using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.EndToEndTests.Services;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>Backstage's own exec terminal, the component <c>PodExecTerminal</c> of its plugin, in a headless Chromium.</summary>
internal static class ExecTerminal
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private static readonly ExternalTool _page = new(
        "The page with Backstage's terminal", "FAIRLEAD_TERMINAL", [Environment.GetEnvironmentVariable("FAIRLEAD_TERMINAL") ?? "", Script.PathOf(".tools/terminal/page.js")]);

    /// <summary>Opens it on a pod, types a line, and gives what is to be seen at the end; skips the test where there is no Chromium.</summary>
    public static async Task<TerminalResult> OpenAsync(TerminalPage page)
    {
        Assert.SkipUnless(ExternalTools.Chromium.IsAvailable, ExternalTools.Chromium.WhyMissing);
        _ = _page.Require();
        var result = await ProcessRunner.RunAsync(
            ExternalTools.Node.Require(),
            ["--no-warnings", Script.PathOf("terminal.mjs"), ExternalTools.Chromium.Require(), JsonSerializer.Serialize(page, _json)]);
        return JsonSerializer.Deserialize<TerminalResult>(result.Succeeded().Output, _json)!;
    }
}

/// <summary>A terminal to open, as <c>terminal.mjs</c> takes it.</summary>
/// <param name="BaseUrl">What Backstage's discovery gives for the plugin <c>kubernetes</c>.</param>
/// <param name="Namespace">The namespace of the pod.</param>
/// <param name="Pod">The pod.</param>
/// <param name="Container">The container.</param>
internal sealed record TerminalPage(string BaseUrl, string Namespace, string Pod, string Container)
{
    /// <summary>The cluster; the terminal knows it and says it to nobody.</summary>
    public string Cluster { get; init; } = "main";

    /// <summary>The origin of the page; null: that of <see cref="BaseUrl"/>.</summary>
    public string? Origin { get; init; }

    /// <summary>A bearer token that the browser adds to every request; no Backstage does that, but it says who calls where there is no session.</summary>
    public string? Ambient { get; init; }

    /// <summary>Cookies that are there before.</summary>
    public IReadOnlyList<TerminalCookie> Cookies { get; init; } = [];

    /// <summary>The line to type.</summary>
    public string? Type { get; init; }

    /// <summary>The text on the screen at which it is done; it is done at the end of the connection, too.</summary>
    public string? Until { get; init; }
}

/// <summary>A cookie as a server would set it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Domain">The host that it is for.</param>
internal sealed record TerminalCookie(string Name, string Value, string Domain)
{
    /// <summary>The path that it is for.</summary>
    public string Path { get; init; } = "/";

    /// <summary>Which other sites' requests it goes along with: <c>Strict</c>, <c>Lax</c> or <c>None</c>.</summary>
    public string SameSite { get; init; } = "Lax";

    /// <summary>Whether scripts cannot read it.</summary>
    public bool HttpOnly { get; init; } = true;

    /// <summary>Whether it is for TLS only.</summary>
    public bool Secure { get; init; }
}

/// <summary>What was to be seen.</summary>
/// <param name="Screen">The text on the screen.</param>
/// <param name="Sockets">The WebSockets that the page opened.</param>
internal sealed record TerminalResult(string Screen, IReadOnlyList<TerminalSocket> Sockets);

/// <summary>A WebSocket that a page opened.</summary>
/// <param name="Url">Its URL.</param>
/// <param name="Headers">The headers that asked for it, as the browser says them; null where it was stopped in the browser.</param>
/// <param name="Status">101 where it was granted, otherwise null.</param>
internal sealed record TerminalSocket(string Url, IReadOnlyDictionary<string, string>? Headers, int? Status);
