using System.Text.RegularExpressions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;

namespace Fairlead.HostileTests.Differential;

/// <summary>
/// What an upstream may see differently behind the gateway than directly (<c>docs/security.md</c>, "What never reaches a cluster"), written from the documentation and not
/// from the code.
/// </summary>
internal static partial class DocumentedDifferences
{
    /// <summary>The headers that have to arrive, by name; the case of names means nothing.</summary>
    /// <param name="direct">The request as it arrives directly.</param>
    /// <param name="way">How it was sent to the gateway.</param>
    /// <param name="host">The upstream's own name.</param>
    public static IReadOnlyList<string> Expected(RecordedRequest direct, HostileWay way, string host)
    {
        var nominated = Nominated(direct);
        var expected = Joined(direct.HeaderLines.Where(line => !IsDropped(line.Name, way, HasContent(direct, way)) && !nominated.Contains(line.Name)));
        expected["Host"] = host;
        expected["X-Forwarded-For"] = "127.0.0.1";
        if (way.Door is DoorName.Service)
        {
            expected["X-Forwarded-Proto"] = way.Protocol is WireProtocol.Http11 ? "http" : "https";
            expected["X-Forwarded-Host"] = RawRequest.DefaultHost;
            expected["X-Forwarded-Prefix"] = HostileWorld.Prefix(way.Door);
        }
        else
        {
            // A caller's own cluster token counts before the gateway's (docs/backstage-door.md).
            expected["Authorization"] = direct.Header("Backstage-Kubernetes-Authorization") ?? $"Bearer {HostileWorld.HeldToken}";
        }

        return Lines(expected);
    }

    /// <summary>The headers that have arrived, without those that frame the body.</summary>
    public static IReadOnlyList<string> Arrived(RecordedRequest request) => Lines(Joined(request.HeaderLines.Where(static line => !Framing().IsMatch(line.Name))));

    private static IReadOnlyList<string> Lines(SortedDictionary<string, string> headers) => [.. headers.Select(static header => $"{header.Key.ToUpperInvariant()}: {header.Value}")];

    /// <summary>Several lines of one name are one list (RFC 9110 5.3); of <c>User-Agent</c> one text.</summary>
    private static SortedDictionary<string, string> Joined(IEnumerable<HeaderLine> lines) => new(
        lines.GroupBy(static line => line.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(static group => group.Key, static group => string.Join(group.Key.Equals("User-Agent", StringComparison.OrdinalIgnoreCase) ? " " : ", ", group.Select(static line => line.Value)).Trim(), StringComparer.OrdinalIgnoreCase),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Every name in every line, whatever else stands there.</summary>
    private static HashSet<string> Nominated(RecordedRequest direct) =>
        direct.Headers("Connection").SelectMany(static line => line.Split(',', StringSplitOptions.TrimEntries)).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>An empty body has no framing of its own on HTTP/2, where its length is not said.</summary>
    private static bool HasContent(RecordedRequest direct, HostileWay way) =>
        direct.Header("Content-Length") is not (null or "0") || (direct.HeaderLines.Contains("Transfer-Encoding") && !(way.IsHttp2 && direct.BodyLength == 0));

    private static bool IsDropped(string name, HostileWay way, bool hasContent)
    {
        var plain = name.Replace('_', '-');
        return Framing().IsMatch(name) || Everywhere().IsMatch(plain) || (way.Door is DoorName.Service && AtServices().IsMatch(plain)) || (!hasContent && AboutContent().IsMatch(name));
    }

    [GeneratedRegex(@"\A(content-length|transfer-encoding)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Framing();

    [GeneratedRegex(
        @"\A(connection|keep-alive|te|trailer|upgrade|http2-settings|alt-svc|alpn|close|host|authorization|cookie2?|via|forwarded|x-real-ip|x-kubernetes-cluster|x-csrf-token|x-xsrf-token|proxy|(proxy|backstage|x-forwarded|x-remote|x-auth-request|x-original|sec-websocket)-.*|impersonate.*)\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Everywhere();

    [GeneratedRegex(@"\A(origin|referer|kubeconfig|x-http-method(-override)?|x-method-override|(x-headlamp|x-backstage-|x-fairlead-).*)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AtServices();

    [GeneratedRegex(@"\A(content-.*|expires|last-modified|allow)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AboutContent();
}
