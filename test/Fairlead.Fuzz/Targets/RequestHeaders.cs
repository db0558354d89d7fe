using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Fuzz.Targets;

/// <summary>
/// The headers that go upstream: no header of the hop, of an identity or of the gateway's own survives in any spelling, and every other does. An input is a
/// method, a blank and a target, then lines of headers.
/// </summary>
internal static partial class RequestHeaders
{
    /// <summary>Sends one request.</summary>
    public static bool Attack(byte[] input)
    {
        var lines = InputText.Lines(input);
        var blank = lines[0].IndexOf(' ', StringComparison.Ordinal);
        var (method, target) = blank <= 0 ? ("GET", lines[0]) : (lines[0][..blank], lines[0][(blank + 1)..]);
        var http = HeaderExchange.Context(method, target, lines.Skip(1));
        if (HeaderExchange.Plan(http) is not { } upstream)
        {
            return false;
        }

        using var message = new HttpRequestMessage { Content = new ByteArrayContent([]) };
        new Exchange(upstream).TransformRequestAsync(http, message, "", CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Check(message, http.Request.Headers, upstream);
        return true;
    }

    private static void Check(HttpRequestMessage message, IHeaderDictionary sent, UpstreamRequest upstream)
    {
        var expected = upstream.Service is { } service ? $"/base{service.ProxyPath}{service.Target.PathAndQuery}" : $"/base{upstream.Inbound.Target.Below(upstream.Route.PrefixLength)}";
        Invariant.Same(message.RequestUri!.PathAndQuery, expected, "the target that is sent");
        Invariant.Same(message.RequestUri.Authority, "kube.test:6443", "the server that is asked");
        var arrived = All(message).ToDictionary(static header => header.Key, static header => header.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
        var nominated = sent.Connection.SelectMany(static line => line!.Split(',')).Select(static name => name.Trim()).Where(static name => name.Length > 0).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var isUpgrade = upstream.Inbound.Upgrade is UpgradeKind.WebSocket;
        foreach (var (name, values) in arrived)
        {
            if (Ours(upstream).TryGetValue(name, out var own))
            {
                Invariant.Same(string.Join('\n', values), own, name);
                continue;
            }

            Invariant.Holds(!Forbidden().IsMatch(name.Replace('_', '-')), $"{name} went on");
            Invariant.Holds(upstream.Service is null || !ForbiddenAtServices().IsMatch(name.Replace('_', '-')), $"{name} went on to a Service");
            Invariant.Holds(!nominated.Contains(name) || (isUpgrade && name is "Sec-WebSocket-Protocol"), $"{name} went on, and Connection nominates it");
            Invariant.Holds(isUpgrade || !name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase), $"{name} went on without a handshake");
            if (name.Equals("Sec-WebSocket-Protocol", StringComparison.OrdinalIgnoreCase))
            {
                Invariant.Holds(!values.Any(static value => value.Split(',').Any(static token => Credential().IsMatch(token.Trim()))), "a credential went on in Sec-WebSocket-Protocol");
            }
        }

        foreach (var name in Ours(upstream).Keys)
        {
            Invariant.Holds(arrived.ContainsKey(name), $"the gateway's own {name} is missing");
        }

        foreach (var (name, values) in sent.Where(header => Harmless().IsMatch(header.Key) && !nominated.Contains(header.Key)))
        {
            Invariant.Holds(arrived.TryGetValue(name, out var got), $"{name} was dropped");
            Invariant.Same(string.Join('\n', got), string.Join('\n', (IEnumerable<string?>)values), name);
        }
    }

    private static IEnumerable<KeyValuePair<string, HeaderStringValues>> All(HttpRequestMessage message) => message.Headers.NonValidated.Concat(message.Content!.Headers.NonValidated);

    private static Dictionary<string, string> Ours(UpstreamRequest upstream)
    {
        var ours = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = HeaderExchange.Authorization, ["X-Forwarded-For"] = HeaderExchange.Peer };
        if (upstream.Service is null)
        {
            return ours;
        }

        var own = ((DoorRoute.Service)upstream.Route).OwnHost is not null;
        ours["X-Forwarded-Proto"] = "https";
        ours["X-Forwarded-Host"] = upstream.Inbound.OwnOrigin["https://".Length..];
        if (!own)
        {
            ours["X-Forwarded-Prefix"] = upstream.DoorPrefix;
        }
        else if (Sessions.ServiceCookie.WithoutOurs(upstream.Inbound.Cookies) is { } cookies)
        {
            ours["Cookie"] = cookies;
        }

        return ours;
    }

    // Written from the documentation (docs/security.md) and not from the code.
    [GeneratedRegex(
        """
        \A(connection|keep-alive|proxy|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings|alt-svc|close|alpn
        |host|authorization|x-real-ip|forwarded|via|cookie2?|x-kubernetes-cluster|backstage-.*|impersonate.*|x-forwarded-.*|x-remote-.*|x-auth-request-.*|x-original-.*|:.*)\z
        """,
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace, 1000)]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"\A(origin|referer|kubeconfig|x-http-method(-override)?|x-method-override|x-headlamp.*|x-backstage-.*|x-fairlead-.*)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ForbiddenAtServices();

    [GeneratedRegex(@"\A(accept(-.*)?|user-agent|x-(test|stream|custom|request|trace|correlation)[-_a-z0-9]*|range|if-[a-z-]+|traceparent|kubectl-.*|apikey)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Harmless();

    [GeneratedRegex(@"\A(base64url\.(bearer\.authorization\.k8s\.io|headlamp)\.|ticket\.fairlead\.dev\.)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Credential();
}
