using AwesomeAssertions;
using Fairlead.HostileTests.Faults;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Replicas;

/// <summary>Two gateways behind a load balancer are started anew, one after the other, while clients ask.</summary>
public sealed class RollingRestartTests
{
    [Fact]
    public async Task T99_A_rolling_restart_under_load_loses_no_request_and_sends_none_twice()
    {
        await using var upstream = new RawUpstream();
        await using var one = new Replica(replica => Configuration(replica, upstream));
        await using var two = new Replica(replica => Configuration(replica, upstream));
        await Task.WhenAll(one.StartAsync(), two.StartAsync());
        await using var balancer = await LoadBalancer.StartAsync(isPatient: false, one, two);
        await balancer.UntilUpAsync(2);
        await using var load = new CountedLoad(balancer.Port);
        await load.MoreAsync(100);

        foreach (var replica in (Replica[])[one, two])
        {
            (await replica.StopAsync()).Should().Be(0, replica.Process.Transcript());
            await load.MoreAsync(100);
            await replica.StartAsync();
            await balancer.UntilUpAsync(2);
            await load.MoreAsync(100);
        }

        await load.StopAsync();
        load.Answers.Where(static answer => answer.Value is not "OK").Should().BeEmpty();
        upstream.Requests.Select(static request => request.Target).Order(StringComparer.Ordinal).Should().Equal(load.Answers.Keys.Order(StringComparer.Ordinal), "each was sent upstream once");
    }

    private static string Configuration(Replica replica, RawUpstream upstream) => $$"""
        {{replica.Listeners}}
        drain: { delay: 2s, budget: 20s }
        log: { level: information, format: text }
        limits: { rate: { perCaller: unlimited } }
        auth: { static: [{ subject: portal-caller, tokenSha256: "{{TestGateway.TokenHash}}", groups: [portal] }] }
        {{FaultyWorld.AllowAll}}
        kubernetes: { clusterLocatorMethods: [{ type: config, clusters: [{ {{FaultyWorld.ClusterAt("kind", upstream.Url)}} }] }] }
        """;
}
