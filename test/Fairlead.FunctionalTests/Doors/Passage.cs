using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>One door of a gateway with the cluster <c>kind</c> behind it, and a client, on one <see cref="Way"/>.</summary>
internal sealed class Passage : IAsyncDisposable
{
    private readonly EitherDoor _door;
    private readonly Way _way;

    private Passage(EitherDoor door, Way way, TestGateway gateway, RecordingUpstream upstream)
    {
        _door = door;
        _way = way;
        Gateway = gateway;
        Upstream = upstream;
    }

    /// <summary>The gateway.</summary>
    public TestGateway Gateway { get; }

    /// <summary>The cluster <c>kind</c>.</summary>
    public RecordingUpstream Upstream { get; }

    /// <summary>The port for this way's client.</summary>
    public int Port => _way.Client() is WireProtocol.Http11 ? Gateway.Port : Gateway.TlsPort;

    /// <summary>Starts both.</summary>
    /// <param name="door">The door.</param>
    /// <param name="way">The way.</param>
    /// <param name="change">Changes the gateway's options.</param>
    /// <param name="basePath">The path of the cluster's URL.</param>
    public static async Task<Passage> StartAsync(EitherDoor door, Way way, Func<GatewayOptions, GatewayOptions>? change = null, string basePath = "")
    {
        var upstream = await RecordingUpstream.StartAsync(way.ToHttp2());
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url + basePath));
        return new Passage(door, way, await TestGateway.StartAsync(change is null ? options : change(options)), upstream);
    }

    /// <summary>Sends a request for a path of the cluster through the door, with the portal token.</summary>
    public Task<RawResponse> SendAsync(RawRequest request) => ExchangeAsync(_door.Request(request));

    /// <summary>GETs a path of the cluster through the door, with the portal token.</summary>
    public Task<RawResponse> GetAsync(string path) => SendAsync(RawRequest.Get(path));

    /// <summary>GETs a target as it stands, with the portal token and the Backstage door's header.</summary>
    public Task<RawResponse> GetTargetAsync(string target) =>
        ExchangeAsync(RawRequest.Get(target).WithBearer(TestGateway.Token).With("Backstage-Kubernetes-Cluster", "kind"));

    /// <summary>Sends a request as it stands.</summary>
    public Task<RawResponse> ExchangeAsync(RawRequest request) => WireClient.ExchangeAsync(_way.Client(), Port, request);

    /// <summary>Nothing was sent to the cluster, and nobody connected to it.</summary>
    public void ShouldHaveSentNothing()
    {
        Upstream.Requests.Should().BeEmpty();
        Upstream.Connections.Should().Be(0);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
