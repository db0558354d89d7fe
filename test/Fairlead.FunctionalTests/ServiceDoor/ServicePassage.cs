using System.Net;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Demo;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>
/// The service door with the world of the contract's section 5 behind it: the cluster <c>main</c> (a stand-in API server with RBAC), its
/// Service <c>default/web</c> with one port <c>http</c> 80 at a raw upstream that records bytes, and the caller's cluster token <c>U</c>, which
/// has all verbs on <c>services/proxy</c>. The gateway's own account in the cluster, <c>gateway</c>, has the least rights of contract F26.
/// </summary>
internal sealed class ServicePassage : IAsyncDisposable
{
    private ServicePassage(DemoCluster cluster, RawUpstream upstream, TestGateway gateway)
    {
        Cluster = cluster;
        Upstream = upstream;
        Gateway = gateway;
    }

    /// <summary>The API server of <c>main</c>.</summary>
    public DemoCluster Cluster { get; }

    /// <summary>What stands behind <c>default/web</c>.</summary>
    public RawUpstream Upstream { get; }

    /// <summary>The gateway.</summary>
    public TestGateway Gateway { get; }

    /// <summary>The requests that the Service has seen.</summary>
    public IReadOnlyList<RecordedRequest> Seen => Upstream.Requests;

    /// <summary>Starts everything.</summary>
    /// <param name="transport">Which way: <c>direct</c> sets <c>network: direct</c> for the cluster, the other leaves it out.</param>
    /// <param name="change">Changes the gateway's options.</param>
    /// <param name="prepare">Changes the cluster before the gateway starts.</param>
    public static async Task<ServicePassage> StartAsync(
        TransportChoice transport = TransportChoice.Direct, Func<GatewayOptions, GatewayOptions>? change = null, Action<DemoCluster>? prepare = null)
    {
        var upstream = new RawUpstream();
        var cluster = await ServiceCluster.StartClusterAsync();
        ServiceCluster.AddService(cluster, "web", upstream.Port);
        prepare?.Invoke(cluster);
        var options = Options(ServiceCluster.Definition(cluster, "main", isDirect: transport is TransportChoice.Direct));
        return new ServicePassage(cluster, upstream, await TestGateway.StartAsync(change is null ? options : change(options)));
    }

    /// <summary>The gateway's options that tests start from: loopback is allowed, since everything here listens on it.</summary>
    public static GatewayOptions Options(params ClusterDefinition[] clusters) => TestGateway.Options(clusters) with
    {
        ServiceProxy = new ServiceProxyOptions { AllowedAddresses = [IPNetwork.Parse("127.0.0.0/8")] },
    };

    /// <summary>Sends a request with the token <c>U</c> at the http port.</summary>
    public Task<RawResponse> SendAsync(RawRequest request) => RawClient.ExchangeAsync(Gateway.Port, request.WithBearer(ServiceCluster.UserToken));

    /// <summary>Sends a request as it stands.</summary>
    public Task<RawResponse> SendBareAsync(RawRequest request) => RawClient.ExchangeAsync(Gateway.Port, request);

    /// <summary>GETs a target with the token <c>U</c>.</summary>
    public Task<RawResponse> GetAsync(string target) => SendAsync(RawRequest.Get(target));

    /// <summary>Nobody has connected to the Service.</summary>
    public void ShouldHaveSentNothing() => Upstream.ConnectionCount.Should().Be(0);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Cluster.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
