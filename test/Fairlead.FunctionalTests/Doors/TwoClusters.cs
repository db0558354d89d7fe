using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>A gateway with up to two clusters, named by locator and name, each with an upstream of its own.</summary>
internal sealed class TwoClusters : IAsyncDisposable
{
    private readonly Way _way;
    private readonly TestGateway _gateway;

    private TwoClusters(Way way, TestGateway gateway, RecordingUpstream first, RecordingUpstream second)
    {
        _way = way;
        _gateway = gateway;
        First = first;
        Second = second;
    }

    /// <summary>Behind the cluster that was named first.</summary>
    public RecordingUpstream First { get; }

    /// <summary>Behind the cluster that was named second.</summary>
    public RecordingUpstream Second { get; }

    /// <summary>Starts a gateway with these clusters.</summary>
    public static Task<TwoClusters> StartAsync(Way way, params (string Locator, string Name)[] names) => StartAsync(way, reversed: false, names);

    /// <summary>Starts a gateway with these clusters; <paramref name="reversed"/> turns the order of the locators around.</summary>
    public static async Task<TwoClusters> StartAsync(Way way, bool reversed, params (string Locator, string Name)[] names)
    {
        RecordingUpstream[] upstreams = [await RecordingUpstream.StartAsync(way.ToHttp2()), await RecordingUpstream.StartAsync(way.ToHttp2())];
        var locators = names
            .Zip(upstreams, static (name, upstream) => TestCluster.Held(name.Name, upstream.Url) with { Locator = name.Locator })
            .GroupBy(static cluster => cluster.Locator, static (locator, clusters) => (ClusterLocator)new ClusterLocator.Config(locator, [.. clusters]))
            .ToArray();
        if (reversed)
        {
            Array.Reverse(locators);
        }

        var gateway = await TestGateway.StartAsync(TestGateway.Options() with { ClusterLocators = locators });
        return new TwoClusters(way, gateway, upstreams[0], upstreams[1]);
    }

    /// <summary>Sends a request as it stands.</summary>
    public Task<RawResponse> ExchangeAsync(RawRequest request) =>
        WireClient.ExchangeAsync(_way.Client(), _way.Client() is WireProtocol.Http11 ? _gateway.Port : _gateway.TlsPort, request);

    /// <summary>Nobody connected to either cluster.</summary>
    public void ShouldHaveSentNothing()
    {
        First.Connections.Should().Be(0);
        Second.Connections.Should().Be(0);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await First.DisposeAsync();
        await Second.DisposeAsync();
    }
}
