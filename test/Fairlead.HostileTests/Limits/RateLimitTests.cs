using System.Net;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Limits;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Limits;

/// <summary>Requests in a second (contracts F41, F39; row T113).</summary>
public sealed class RateLimitTests
{
    [Fact]
    public async Task B76_H94_T113_A_caller_who_is_too_fast_gets_429_with_Retry_After_on_every_way_and_another_caller_nothing_of_it()
    {
        // One request a second: nobody is faster than a test, however slow the machine.
        await using var world = await HostileWorld.StartAsync(static options => options with { Limits = options.Limits with { Rate = new RateLimit(1, null, null) } });
        foreach (var login in Enum.GetValues<LoginName>())
        {
            var left = HostileWays.All.Where(way => way.Login == login).ToHashSet();
            for (var round = 0; left.Count > 0 && round < 50; round++)
            {
                // Side by side: an answer to somebody too fast is a second late. The last one took what there was of the second.
                var answers = await Task.WhenAll(left.Select(async way => (Way: way, Response: await world.GetAsync(way, "/api/v1/namespaces/n/pods"))));
                foreach (var (way, response) in answers.Where(static answer => answer.Response.Status is not 200))
                {
                    response.Status.Should().Be(429, way.ToString());
                    response.Header("Retry-After").Should().Be("1", way.ToString());
                    HostileWorld.ShouldHaveItsDoorsShape(way, response, way.ToString());
                    left.Remove(way);
                }
            }

            left.Should().BeEmpty();
        }

        var record = await world.AuditAsync(static record => record.GetProperty("responseStatus").GetProperty("code").GetInt32() == 429, "a refusal");
        record.GetProperty("annotations").GetProperty("fairlead.dev/outcome").GetString().Should().Be("Refused/TooManyRequests");
    }

    [Fact]
    public async Task T113_While_one_caller_is_refused_another_is_served()
    {
        await using var world = await HostileWorld.StartAsync(static options => options with { Limits = options.Limits with { Rate = new RateLimit(1, null, null) } });
        var fast = new HostileWay(DoorName.Cluster, WireProtocol.Http11, LoginName.Bearer);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await world.GetAsync(fast, "/api/v1/namespaces/n/pods")).Status));
        statuses.Should().Contain(429);

        (await world.GetAsync(fast with { Login = LoginName.Session }, "/api/v1/namespaces/n/pods")).Status.Should().Be(200);
    }

    [Fact]
    public async Task T113_Without_auth_nobody_takes_the_rate_of_somebody_with_a_token()
    {
        await using var upstream = new RawUpstream();
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with
        {
            Auth = null, AccessRules = [], Limits = new LimitOptions { Rate = new RateLimit(2, null, null), Requests = new ScopedLimit(1, null, null, null) },
            TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")],
        };
        await using var gateway = await TestGateway.StartAsync(options);
        RawRequest From(string address, string? token) => new RawRequest("GET", "/api/kubernetes/proxy/api/v1/pods")
            .With("Backstage-Kubernetes-Cluster", "kind").With("X-Forwarded-For", address) is var request && token is null ? request : request.With("Backstage-Kubernetes-Authorization", "Bearer " + token);

        var flood = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await gateway.SendBareAsync(From("192.0.2.1", null))).Status));
        flood.Should().Contain(429);

        (await gateway.SendBareAsync(From("192.0.2.2", "good"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task T113_Without_auth_nobody_takes_the_place_of_somebody_with_another_token()
    {
        await using var upstream = new RawUpstream();
        upstream.OnConnection(static async connection =>
        {
            while (await connection.ReadRequestAsync() is { } seen)
            {
                if (seen.Header("Authorization") is "Bearer held")
                {
                    await connection.PeerClosed;
                    return;
                }

                await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
            }
        });
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with
        {
            Auth = null, AccessRules = [], Limits = new LimitOptions { Requests = new ScopedLimit(1, null, null, null) },
        };
        await using var gateway = await TestGateway.StartAsync(options);
        RawRequest With(string token) =>
            RawRequest.Get("/api/kubernetes/proxy/api/v1/pods").With("Backstage-Kubernetes-Cluster", "kind").With("Backstage-Kubernetes-Authorization", "Bearer " + token);
        await using var holder = await RawClient.ConnectAsync(gateway.Port);
        await holder.WriteAsync(With("held").ToHttp11());
        await upstream.WaitForRequestAsync();

        (await gateway.SendBareAsync(With("held"))).Status.Should().Be(429);
        (await gateway.SendBareAsync(With("good"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task T113_What_is_refused_for_other_reasons_counts_too()
    {
        await using var world = await HostileWorld.StartAsync(
            static options => options with { AccessRules = [], Limits = options.Limits with { Rate = new RateLimit(1, null, null) } });
        var way = new HostileWay(DoorName.Cluster, WireProtocol.Http11, LoginName.Bearer);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await world.GetAsync(way, "/api/v1/namespaces/n/pods")).Status));

        statuses.Should().Contain(429).And.Contain(static status => status != 429);
        world.SentSince(0).Should().BeEmpty();
    }
}
