using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Fuzz.Targets;

/// <summary>
/// The headers that come back: nothing speaks for the gateway's origin, redirects stay behind the door, and every other header passes. An input is a target,
/// a status, then lines of headers.
/// </summary>
internal static partial class ResponseHeaders
{
    /// <summary>Answers one request.</summary>
    public static bool Attack(byte[] input)
    {
        var lines = InputText.Lines(input);
        var http = HeaderExchange.Context("GET", lines[0], ["Host: gateway.test"]);
        if (HeaderExchange.Plan(http) is not { } upstream || lines.Length < 2 || !int.TryParse(lines[1], CultureInfo.InvariantCulture, out var status) || status is < 200 or > 599)
        {
            return false;
        }

        using var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent([]) };
        foreach (var (name, value) in HeaderExchange.Headers(lines.Skip(2)))
        {
            if (!answer.Headers.TryAddWithoutValidation(name, value))
            {
                answer.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        new Exchange(upstream).TransformResponseAsync(http, answer, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Check(http.Response.Headers, lines, upstream);
        return true;
    }

    private static void Check(IHeaderDictionary arrived, string[] lines, UpstreamRequest upstream)
    {
        var hasOwnOrigin = (upstream.Route as DoorRoute.Service)?.OwnHost is not null;
        Invariant.Same(arrived.XContentTypeOptions, "nosniff", "X-Content-Type-Options");
        foreach (var (name, values) in arrived)
        {
            Invariant.Holds(!Forbidden().IsMatch(name), $"{name} came back");
            Invariant.Holds(hasOwnOrigin || !name.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase), "Set-Cookie came back");
            Invariant.Holds(values.All(static value => value is not null), $"{name} has no value");
        }

        if (upstream.Service is { } service)
        {
            Invariant.Same(arrived["Fairlead-Transport"], service.Transport, "Fairlead-Transport");
            Invariant.Holds(arrived.WWWAuthenticate.All(static line => line!.StartsWith("Bearer", StringComparison.OrdinalIgnoreCase)), "a Service asks for a password");
            if (!hasOwnOrigin)
            {
                Invariant.Same(arrived.ContentSecurityPolicy, "sandbox", "Content-Security-Policy");
                Invariant.Same(arrived["Cross-Origin-Resource-Policy"], "same-origin", "Cross-Origin-Resource-Policy");
            }
        }
        else if (upstream.Action.IsProxied)
        {
            Invariant.Holds(arrived.ContentSecurityPolicy.Contains("sandbox"), "a pod's page is not locked up");
        }

        CheckLocation(arrived, lines, upstream);
    }

    /// <summary>A path, which is the upstream's own, stays behind the door that the request came through.</summary>
    private static void CheckLocation(IHeaderDictionary arrived, string[] lines, UpstreamRequest upstream)
    {
        var sent = HeaderExchange.Headers(lines.Skip(2)).Where(static header => header.Name.Equals("Location", StringComparison.OrdinalIgnoreCase)).Select(static header => header.Value).ToArray();
        if (sent is not [['/', .. var rest]] || rest.StartsWith('/') || arrived.Location is not [{ } location])
        {
            return;
        }

        var isBelowServer = rest is "base" || rest.StartsWith("base/", StringComparison.Ordinal);
        if (upstream.Service is not null || isBelowServer)
        {
            var door = upstream.DoorPrefix;
            Invariant.Holds(location.StartsWith(door, StringComparison.Ordinal) && (location.Length == door.Length || location[door.Length] is '/' or '?' or '#'), $"a redirect to '{sent[0]}' leads to '{location}'");
        }
    }

    [GeneratedRegex(
        @"\A(connection|keep-alive|proxy-.*|transfer-encoding|upgrade|te|alpn|close|http2-settings|set-cookie2|clear-site-data|strict-transport-security|alt-svc|service-worker-allowed|access-control-.*|report-to|reporting-endpoints|nel|refresh|trailer)\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Forbidden();
}
