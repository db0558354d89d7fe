using System.Globalization;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Demo;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Wire;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Requests at the service door in either protocol, and what its refusals look like.</summary>
internal static class ServiceWire
{
    /// <summary>The four headers of contract S5b.</summary>
    public static readonly HeaderLine[] NoCache =
    [
        new("Cache-Control", "no-cache, private, max-age=0"),
        new("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
        new("Pragma", "no-cache"),
        new("X-Accel-Expires", "0"),
    ];

    /// <summary>The passage of that way.</summary>
    public static Task<ServicePassage> StartAsync(
        ServiceWay way, Func<GatewayOptions, GatewayOptions>? change = null, Action<DemoCluster>? prepare = null) =>
        ServicePassage.StartAsync(way.Transport(), change, prepare);

    /// <summary>Sends a request as it stands, in the way's protocol.</summary>
    public static Task<RawResponse> ExchangeAsync(this TestGateway gateway, ServiceWay way, RawRequest request) =>
        WireClient.ExchangeAsync(way.Client(), way.FromHttp2() ? gateway.TlsPort : gateway.Port, request);

    /// <summary>Sends a request with the token <c>U</c>.</summary>
    public static Task<RawResponse> SendAsync(this ServicePassage passage, ServiceWay way, RawRequest request) =>
        passage.Gateway.ExchangeAsync(way, request.WithBearer(ServiceCluster.UserToken));

    /// <summary>GETs a target with the token <c>U</c>.</summary>
    public static Task<RawResponse> GetAsync(this ServicePassage passage, ServiceWay way, string target) =>
        passage.SendAsync(way, RawRequest.Get(target));

    /// <summary>GETs targets one after the other, each answered 200, and gives what the Service has seen of each.</summary>
    public static async Task<IReadOnlyList<string>> TargetsOfAsync(this ServicePassage passage, ServiceWay way, params IEnumerable<string> targets)
    {
        var before = passage.Seen.Count;
        foreach (var target in targets)
        {
            var response = await passage.GetAsync(way, target);
            response.Status.Should().Be(200, "{0} is forwarded, and the answer is {1}", target, response);
        }

        return [.. passage.Seen.Skip(before).Select(static seen => seen.Target)];
    }

    /// <summary>Each of these targets is refused with that status, and neither the Service nor, for the caller, the API server sees anything.</summary>
    public static async Task ShouldRefuseAsync(this ServicePassage passage, ServiceWay way, int status, params IEnumerable<string> targets)
    {
        foreach (var target in targets)
        {
            (await passage.GetAsync(way, target)).ShouldBeRefused(status, " ", target);
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();
    }

    /// <summary>The gateway's own refusal (contract F34): a <c>Status</c> with these words, <c>Proxy-Status</c>, the headers of S5b, no address.</summary>
    public static void ShouldBeRefused(this RawResponse response, int status, string words = " ", string about = "")
    {
        var because = $"{about} -> {response}".Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        response.Status.Should().Be(status, because);
        response.Header("Proxy-Status").Should().StartWith("fairlead; error=", because);
        response.Header("Content-Type").Should().StartWith("application/json", because);
        foreach (var (name, value) in NoCache)
        {
            response.Headers(name).Should().Equal([value], because);
        }

        using var json = response.Json;
        var root = json.RootElement;
        root.GetProperty("kind").GetString().Should().Be("Status", because);
        root.GetProperty("apiVersion").GetString().Should().Be("v1", because);
        root.GetProperty("status").GetString().Should().Be("Failure", because);
        root.GetProperty("reason").GetString().Should().Be(ReasonOf(status), because);
        root.GetProperty("code").GetInt32().Should().Be(status, because);
        root.GetProperty("message").GetString().Should().NotBeNullOrWhiteSpace(because).And.Contain(words, because);
        string[] secrets = ["127.0.0.1", "localhost", "169.254.", "svc.cluster.local", "Exception", "   at "];

        // What the caller has said themselves is no secret.
        foreach (var secret in secrets.Where(secret => !about.Contains(secret, StringComparison.Ordinal)))
        {
            response.BodyText.Should().NotContain(secret, because);
        }
    }

    /// <summary>Whatever the gateway does on its own account (watching Services and EndpointSlices), it has done nothing for a caller.</summary>
    public static void ShouldHaveServedNobody(this DemoCluster cluster) => cluster.ForCallers().Should().BeEmpty();

    /// <summary>What the API server has seen besides the gateway's own watches.</summary>
    public static IEnumerable<string> ForCallers(this DemoCluster cluster) =>
        from request in cluster.Requests
        where request.User is not "gateway" || request.Method is not "GET" || request.Target.Contains("proxy", StringComparison.Ordinal)
        select string.Create(CultureInfo.InvariantCulture, $"{request.User} {request.Method} {request.Target}");

    /// <summary>What the API server has seen of <c>services/proxy</c>.</summary>
    public static IEnumerable<string> Proxied(this DemoCluster cluster) =>
        from request in cluster.Requests
        where request.Target.Contains("/proxy", StringComparison.Ordinal)
        select request.Target;

    private static string ReasonOf(int status) => status switch
    {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        409 => "Conflict",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };
}
