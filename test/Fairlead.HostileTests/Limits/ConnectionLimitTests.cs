using System.Net;
using System.Net.Sockets;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Limits;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.HostileTests.Limits;

/// <summary>Client connections: one address cannot take all of them (row T64).</summary>
public sealed class ConnectionLimitTests
{
    [Fact]
    public async Task T64_Connections_over_the_limit_of_an_address_are_closed_and_one_that_ends_makes_room()
    {
        await using var gateway = await StartAsync(static options => options, new ConnectionLimit(PerAddress: 3, All: null));
        List<RawClient> clients = [];
        for (var client = 0; client < 3; client++)
        {
            clients.Add(await RawClient.ConnectAsync(gateway.Port));
            (await clients[^1].SendAsync(RawRequest.Get("/"))).Status.Should().Be(200);
        }

        (await AskAsync(gateway)).Should().Be(0);
        await clients[0].DisposeAsync();

        await Eventually.BeTrueAsync(async () => await AskAsync(gateway) == 200, "a place is free again");
        (await RawClient.ExchangeAsync(gateway.ManagementPort, RawRequest.Get("/livez"))).Status.Should().Be(200, "probes are not counted");
        foreach (var client in clients.Skip(1))
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task T64_A_trusted_proxy_counts_in_all_only()
    {
        await using var gateway = await StartAsync(
            static options => options with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] }, new ConnectionLimit(PerAddress: 1, All: 3));
        List<RawClient> clients = [];
        for (var client = 0; client < 3; client++)
        {
            clients.Add(await RawClient.ConnectAsync(gateway.Port));
            (await clients[^1].SendAsync(RawRequest.Get("/"))).Status.Should().Be(200);
        }

        (await AskAsync(gateway)).Should().Be(0);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static Task<TestGateway> StartAsync(Func<GatewayOptions, GatewayOptions> change, ConnectionLimit limit) =>
        TestGateway.StartAsync(change(TestGateway.Options(TestCluster.Held("kind", "http://127.0.0.1:1"))) with { Limits = new LimitOptions { Connections = limit } });

    /// <summary>The status; 0 where the connection is closed first, before or after it has been made.</summary>
    private static async Task<int> AskAsync(TestGateway gateway)
    {
        try
        {
            return (await RawClient.ExchangeAsync(gateway.Port, RawRequest.Get("/"))).Status;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset)
        {
            return 0;
        }
    }
}
