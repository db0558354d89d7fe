using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;

namespace Fairlead.FunctionalTests.BackstageDoor;

/// <summary>The two doors that lead to an API server: what holds for streams and failures holds at both.</summary>
public enum EitherDoor
{
    /// <summary><c>/api/kubernetes/proxy</c>.</summary>
    Backstage,

    /// <summary><c>/clusters/{c}</c>.</summary>
    Cluster,
}

/// <summary>Requests and refusals at either door.</summary>
internal static class EitherDoorExtensions
{
    /// <summary>What the door's paths begin with.</summary>
    public static string Prefix(this EitherDoor door, string cluster = "kind") =>
        door is EitherDoor.Backstage ? "/api/kubernetes/proxy" : "/clusters/" + cluster;

    /// <summary>The request for a path of the cluster, sent through the door with the portal token.</summary>
    public static RawRequest Request(this EitherDoor door, RawRequest request, string cluster = "kind") =>
        door.Bare(request, cluster).WithBearer(TestGateway.Token);

    /// <summary>The request for a path of the cluster, sent through the door by nobody.</summary>
    public static RawRequest Bare(this EitherDoor door, RawRequest request, string cluster = "kind")
    {
        var below = request with { Target = door.Prefix(cluster) + request.Target };
        return door is EitherDoor.Backstage ? below.With("Backstage-Kubernetes-Cluster", cluster) : below;
    }

    /// <summary>A GET through the door with the portal token.</summary>
    public static RawRequest Get(this EitherDoor door, string path, string cluster = "kind") => door.Request(RawRequest.Get(path), cluster);

    /// <summary>The gateway's own refusal: status, reason in the door's shape and in the message, and <c>Proxy-Status</c>.</summary>
    public static void ShouldRefuse(this EitherDoor door, RawResponse response, int status, string name, string statusReason, string words)
    {
        response.Status.Should().Be(status, response.ToString());
        response.Header("Proxy-Status").Should().StartWith("fairlead; error=");
        response.Header("Content-Type").Should().Be("application/json; charset=utf-8");
        using var json = response.Json;
        var root = json.RootElement;
        if (door is EitherDoor.Backstage)
        {
            root.GetProperty("error").GetProperty("name").GetString().Should().Be(name);
            root.GetProperty("error").GetProperty("message").GetString().Should().Contain(words);
            root.GetProperty("error").EnumerateObject().Select(static property => property.Name).Should().Equal("name", "message");
            root.GetProperty("response").GetProperty("statusCode").GetInt32().Should().Be(status);
        }
        else
        {
            root.GetProperty("kind").GetString().Should().Be("Status");
            root.GetProperty("apiVersion").GetString().Should().Be("v1");
            root.GetProperty("status").GetString().Should().Be("Failure");
            root.GetProperty("reason").GetString().Should().Be(statusReason);
            root.GetProperty("message").GetString().Should().Contain(words);
            root.GetProperty("code").GetInt32().Should().Be(status);
        }
    }

    /// <summary>502 with these words, and nothing that tells where the cluster is or what the engine said.</summary>
    public static void ShouldBeBadGateway(this EitherDoor door, RawResponse response, string words, int port, params string[] secrets)
    {
        door.ShouldRefuse(response, 502, "BadGatewayError", "BadGateway", words);
        ShouldGiveNothingAway(response, port, secrets);
    }

    /// <summary>504 with these words, and nothing that tells where the cluster is.</summary>
    public static void ShouldBeTimeout(this EitherDoor door, RawResponse response, string words, int port)
    {
        door.ShouldRefuse(response, 504, "GatewayTimeoutError", "Timeout", words);
        ShouldGiveNothingAway(response, port);
    }

    private static void ShouldGiveNothingAway(RawResponse response, int port, params string[] secrets)
    {
        string[] always = ["127.0.0.1", "localhost", "Exception", "   at ", "CN=", "stack", "cause\":\"", "/tmp", port.ToString(CultureInfo.InvariantCulture)];
        foreach (var secret in always.Concat(secrets))
        {
            response.BodyText.Should().NotContain(secret);
            response.HeaderLines.ToString().Should().NotContain(secret);
        }
    }
}
