using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Monitoring;

/// <summary>What the probes say, in the form of an API server's.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_probe_says_ok_and_when_asked_a_line_for_each_thing()
    {
        await using var world = await MonitoredGateway.StartAsync();

        (await world.AskAsync("/livez")).Should().Be("ok");
        (await world.AskAsync("/livez?verbose")).Should().Be("[+]ping ok\nlivez check passed\n");
        (await world.AskAsync("/readyz")).Should().Be("ok");
        (await world.AskAsync("/readyz?verbose")).Should().Be(
            """
            [+]ping ok
            [+]configuration ok (generation 1)
            [+]audit ok
            [+]source config ok (4 clusters)
            [+]cluster config/kind ok (not asked yet; source config)
            [+]cluster config/gone ok (not asked yet; source config)
            [+]cluster config/plugin ok (not asked yet; source config)
            [+]cluster config/own ok (not asked yet; source config)
            readyz check passed

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_cluster_says_when_it_has_answered_and_why_not_and_no_address()
    {
        await using var world = await MonitoredGateway.StartAsync();
        await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods));
        await world.Gateway.SendAsync(RawRequest.Get("/clusters/gone/api/v1/pods"));

        var text = await world.AskAsync("/readyz?verbose");

        text.Should().MatchRegex(@"\[\+\]cluster config/kind ok \(answered \d+ s ago; source config\)").And.MatchRegex(@"\[-\]cluster config/gone failed: connection refused \d+ s ago; it has never answered; source config\n")
            .And.NotContain("127.0.0.1").And.EndWith("readyz check passed\n");
        (await world.AskAsync("/readyz")).Should().Be("ok", "no cluster takes a gateway out of service");
    }

    [Fact]
    public async Task One_thing_can_be_asked_for_alone()
    {
        await using var world = await MonitoredGateway.StartAsync();
        await world.Gateway.SendAsync(RawRequest.Get("/clusters/gone/api/v1/pods"));

        foreach (var path in (string[])["/livez/ping", "/readyz/ping", "/readyz/configuration", "/readyz/audit", "/readyz/source/config", "/readyz/cluster/config/kind"])
        {
            (await world.AskAsync(path)).Should().Be("ok", path);
        }

        (await world.AskAsync("/readyz/cluster/config/gone", 500)).Should().StartWith("[-]cluster config/gone failed: connection refused");
        foreach (var path in (string[])["/livez/audit", "/readyz/nothing", "/readyz/cluster/config/nowhere", "/livez/", "/readyz/", "/healthz"])
        {
            (await world.AskAsync(path, 404)).Should().Be("not found", path);
        }
    }

    [Fact]
    public async Task What_is_excluded_is_said_to_be_so_and_what_is_unknown_is_not_said_back()
    {
        await using var world = await MonitoredGateway.StartAsync();
        await world.Gateway.SendAsync(RawRequest.Get("/clusters/gone/api/v1/pods"));

        var text = await world.AskAsync("/readyz?verbose&exclude=cluster%20config/gone&exclude=made-up");

        text.Should().Contain("[+]cluster config/gone excluded: ok\n").And.Contain("warn: some health checks cannot be excluded").And.NotContain("made-up").And.NotContain("[-]");
    }

    [Fact]
    public async Task An_answer_ends_a_clusters_failure()
    {
        await using var world = await MonitoredGateway.StartAsync();
        world.Upstream.Respond(RawAnswer.Nothing());
        (await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods))).Status.Should().Be(502);
        (await world.AskAsync("/readyz/cluster/config/kind", 500)).Should().Contain("connection closed");

        world.Upstream.Respond(RawAnswer.Json(500, "{}"));
        (await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods))).Status.Should().Be(500);

        (await world.AskAsync("/readyz/cluster/config/kind")).Should().Be("ok", "whatever it says, it answers");
    }
}
