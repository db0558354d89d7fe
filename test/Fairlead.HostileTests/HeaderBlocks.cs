using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;

namespace Fairlead.HostileTests;

/// <summary>The complete header block that an upstream has to receive: nothing besides, nothing twice.</summary>
internal static class HeaderBlocks
{
    /// <summary>Names that a forwarded request is read by; what the client sends with them is nowhere.</summary>
    public const string Mark = "forged-7";

    /// <summary>The block of a request without headers of its own but <paramref name="own"/>.</summary>
    /// <param name="world">The world.</param>
    /// <param name="way">How it came.</param>
    /// <param name="own">The client's lines that pass, as <c>Name: value</c>.</param>
    /// <param name="host">The upstream's name; null for the address where it listens, and for the Service's name at the service door.</param>
    /// <param name="sentHost">What the client has sent as <c>Host</c>; null for what it sends of itself.</param>
    public static IReadOnlyList<string> Expected(HostileWorld world, HostileWay way, IReadOnlyList<string>? own = null, string? host = null, string? sentHost = null)
    {
        var lines = new List<string>(own ?? []) { "X-Forwarded-For: 127.0.0.1" };
        if (way.Login is LoginName.Session)
        {
            lines.Add("Sec-Fetch-Site: same-origin");
        }

        if (way.Door is not DoorName.Service)
        {
            lines.Add($"Host: {host ?? $"127.0.0.1:{world.Upstream.Port}"}");
            lines.Add($"Authorization: Bearer {HostileWorld.HeldToken}");
            return lines;
        }

        lines.Add($"Host: {host ?? "web.default.svc.cluster.local"}");
        lines.Add($"X-Forwarded-Proto: {(way.Protocol is WireProtocol.Http11 ? "http" : "https")}");
        lines.Add($"X-Forwarded-Host: {sentHost ?? (way.Login is LoginName.Session ? HostileWorld.Host : RawRequest.DefaultHost)}");
        lines.Add("X-Forwarded-Prefix: " + HostileWorld.Prefix(way.Door));
        return lines;
    }

    /// <summary>The request has exactly these header lines, in whatever order; names in whatever case.</summary>
    public static void ShouldBe(RecordedRequest seen, IReadOnlyList<string> expected, string reason) => seen.HeaderLines
        .Select(static line => Lower($"{line.Name}: {line.Value}")).Order(StringComparer.Ordinal)
        .Should().Equal(expected.Select(Lower).Order(StringComparer.Ordinal), reason);

    /// <summary>Only the name is without case.</summary>
    private static string Lower(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return line[..colon].ToUpperInvariant() + line[colon..];
    }
}
