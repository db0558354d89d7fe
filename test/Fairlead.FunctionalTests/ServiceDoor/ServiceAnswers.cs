using System.Buffers.Text;
using System.Globalization;
using System.Text;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>The way to the Service, for theory data.</summary>
public enum Via
{
    /// <summary>To its endpoint.</summary>
    Direct,

    /// <summary>Over <c>services/proxy</c> of the API server.</summary>
    ApiServer,
}

/// <summary>The three shapes of contract F2 that tests run side by side.</summary>
public enum Shape
{
    /// <summary>Path form, default cluster.</summary>
    Path,

    /// <summary>Path form with the cluster's name.</summary>
    ClusterPath,

    /// <summary>Request form.</summary>
    Request,
}

/// <summary>Requests, ways and refusals of the service door.</summary>
internal static class ServiceAnswers
{
    /// <summary>HTTP/1.1 and HTTP/2 over TLS.</summary>
    public static WireProtocol[] Protocols { get; } = [WireProtocol.Http11, WireProtocol.Http2Tls];

    /// <summary>The sub-protocol that brings a bearer token.</summary>
    public static string BearerSubprotocol(string token) => "base64url.bearer.authorization.k8s.io." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token));

    /// <summary>The option.</summary>
    public static TransportChoice Choice(this Via via) => via is Via.Direct ? TransportChoice.Direct : TransportChoice.ApiServer;

    /// <summary>What <c>Fairlead-Transport</c> says.</summary>
    public static string Word(this Via via) => via is Via.Direct ? "direct" : "apiserver";

    /// <summary>The target of a Service's path, which has to be free of characters that a query would need escaped otherwise.</summary>
    public static string Target(this Shape shape, string path, string service = "default/web") => shape switch
    {
        Shape.Path => $"/serviceproxy/{service}{path}",
        Shape.ClusterPath => $"/clusters/main/serviceproxy/{service}{path}",
        _ => $"/clusters/main/serviceproxy/{service}?request={Uri.EscapeDataString(path)}",
    };

    /// <summary>The same options with another service door.</summary>
    public static GatewayOptions WithDoor(this GatewayOptions options, Func<ServiceProxyOptions, ServiceProxyOptions> change) =>
        options with { ServiceProxy = change(options.ServiceProxy) };

    /// <summary>The same options with something said about <c>default/web</c> alone.</summary>
    public static GatewayOptions WithService(this GatewayOptions options, Func<ServiceOptions, ServiceOptions> change) =>
        options.WithDoor(door => door with { Services = [change(new ServiceOptions { Cluster = "main", Namespace = "default", Name = "web" })] });

    /// <summary>The same options with the clusters changed.</summary>
    public static GatewayOptions WithClusters(this GatewayOptions options, Func<ClusterDefinition, ClusterDefinition> change) => options with
    {
        ClusterLocators = [.. options.ClusterLocators.Cast<ClusterLocator.Config>().Select(locator => locator with { Clusters = [.. locator.Clusters.Select(change)] })],
    };

    /// <summary>The listener that speaks that protocol.</summary>
    public static int PortOf(this ServicePassage passage, WireProtocol protocol) => protocol is WireProtocol.Http11 ? passage.Gateway.Port : passage.Gateway.TlsPort;

    /// <summary>A connection to the gateway.</summary>
    public static Task<WireClient> ConnectAsync(this ServicePassage passage, WireProtocol protocol) => WireClient.ConnectAsync(protocol, passage.PortOf(protocol));

    /// <summary>Sends the request as it stands, on a connection of its own.</summary>
    public static Task<RawResponse> ExchangeAsync(this ServicePassage passage, WireProtocol protocol, RawRequest request) =>
        WireClient.ExchangeAsync(protocol, passage.PortOf(protocol), request);

    /// <summary>What the API server was asked for by that user.</summary>
    public static IReadOnlyList<string> AskedBy(this ServicePassage passage, string user) =>
        [.. passage.Cluster.Requests.Where(request => string.Equals(request.User, user, StringComparison.Ordinal)).Select(static request => $"{request.Method} {request.Target}")];

    /// <summary>The gateway's own refusal: a <c>Status</c> with that code and reason, <c>Proxy-Status</c>, the four headers, and no address.</summary>
    public static void ShouldRefuse(this RawResponse response, int status, string reason, params string[] words)
    {
        response.Status.Should().Be(status, response.ToString());
        response.Header("Proxy-Status").Should().StartWith("fairlead; error=", response.ToString());
        response.Header("Content-Type").Should().StartWith("application/json");
        response.ShouldNotBeCached();
        response.ShouldGiveNothingAway();
        using var json = response.Json;
        var root = json.RootElement;
        root.GetProperty("kind").GetString().Should().Be("Status");
        root.GetProperty("apiVersion").GetString().Should().Be("v1");
        root.GetProperty("status").GetString().Should().Be("Failure");
        root.GetProperty("reason").GetString().Should().Be(reason);
        root.GetProperty("code").GetInt32().Should().Be(status);
        root.GetProperty("message").GetString().Should().NotBeNullOrWhiteSpace();
        foreach (var word in words)
        {
            root.GetProperty("message").GetString().Should().Contain(word);
        }
    }

    /// <summary>Exactly the four headers of S5b.</summary>
    public static void ShouldNotBeCached(this RawResponse response)
    {
        response.Headers("Cache-Control").Should().Equal("no-cache, private, max-age=0");
        response.Headers("Expires").Should().Equal("Thu, 01 Jan 1970 00:00:00 GMT");
        response.Headers("Pragma").Should().Equal("no-cache");
        response.Headers("X-Accel-Expires").Should().Equal("0");
    }

    /// <summary>No address, no host name, no text of the platform, none of these.</summary>
    public static void ShouldGiveNothingAway(this RawResponse response, params int[] ports)
    {
        string[] secrets =
        [
            "127.0.0.1", "localhost", "svc.cluster.local", "Exception", "   at ", "CN=", "System.Net", "errno",
            .. ports.Select(static port => port.ToString(CultureInfo.InvariantCulture)),
        ];
        foreach (var secret in secrets)
        {
            response.BodyText.Should().NotContain(secret);
            response.HeaderLines.ToString().Should().NotContain(secret);
        }
    }

    /// <summary>The answer was cut, and does not look whole.</summary>
    public static void ShouldBeCut(this RawResponse response) =>
        response.End.Should().BeOneOf([Fairlead.Testing.Wire.ResponseEnd.Truncated, Fairlead.Testing.Wire.ResponseEnd.Reset], response.ToString());
}
