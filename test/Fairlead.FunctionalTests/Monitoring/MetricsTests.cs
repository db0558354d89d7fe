using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Monitoring;

/// <summary>What a running gateway says of itself on its management listener.</summary>
[Collection(AloneTests.Name)]
public sealed class MetricsTests
{
    private const string Requests = "fairlead_request_duration_seconds_count";
    private const string Streams = "fairlead_stream_duration_seconds_count";
    private const string Open = "fairlead_streams_open";
    private const string Refusals = "fairlead_refusals_total";

    private static readonly (string, string) _kind = ("k8s_cluster_name", "config/kind");

    [Fact]
    public async Task A_request_is_measured_by_door_verb_cluster_status_and_outcome()
    {
        await using var world = await MonitoredGateway.StartAsync();
        (await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods))).Status.Should().Be(200);
        (await world.Gateway.SendAsync(new RawRequest("DELETE", MonitoredGateway.Pods + "/p"))).Status.Should().Be(200);
        (await world.Gateway.GetAsync("/api/v1/namespaces/n/pods/missing", "kind")).Status.Should().Be(404);

        await world.SumAsync(1, Requests, _kind, ("fairlead_door", "cluster"), ("fairlead_verb", "read"), ("fairlead_status_class", "2xx"), ("fairlead_outcome", "complete"));
        await world.SumAsync(1, Requests, _kind, ("fairlead_door", "cluster"), ("fairlead_verb", "write"), ("fairlead_status_class", "2xx"), ("fairlead_outcome", "complete"));
        await world.SumAsync(1, Requests, _kind, ("fairlead_door", "backstage"), ("fairlead_verb", "read"), ("fairlead_status_class", "4xx"), ("fairlead_outcome", "complete"));
        var page = await world.ScrapeAsync();
        page.Sum("fairlead_access_decisions_total", ("fairlead_decision", "allow"), ("fairlead_judge", "rule")).Should().Be(3);
        page.Sum("fairlead_upstream_response_headers_duration_seconds_count", _kind, ("fairlead_request_class", "short")).Should().Be(3);
        page.Sum("fairlead_upstream_connections_open", _kind, ("fairlead_upstream", "api_server")).Should().Be(world.Upstream.OpenConnections);
        page.Sum("fairlead_upstream_connections_attempts_total", _kind).Should().Be(world.Upstream.ConnectionCount);
        page.Sum(Refusals).Should().Be(0);
    }

    [Fact]
    public async Task A_stream_is_open_until_it_ends_and_spoils_no_latency()
    {
        await using var world = await MonitoredGateway.StartAsync();
        var end = new Gate();
        world.Upstream.OnConnection(async connection =>
        {
            if (await connection.ReadRequestAsync() is { } request)
            {
                await connection.WriteAsync(request.Headers("Upgrade").Count > 0 ? WebSocketHandshake.Accept(request, "v4.channel.k8s.io") : RawAnswer.ChunkedHead(200));
                await end.WaitAsync();
                await connection.WriteAsync(RawAnswer.LastChunk);
                await connection.CloseAsync();
            }
        });
        await using var watch = await RawClient.ConnectAsync(world.Gateway.Port);
        await using var exec = await RawClient.ConnectAsync(world.Gateway.Port);
        (await watch.SendAsync(RawRequest.Get(MonitoredGateway.Pods + "?watch=1").WithBearer(TestGateway.Token))).Status.Should().Be(200);
        (await exec.SendAsync(RawRequest.WebSocket("/clusters/kind/api/v1/namespaces/n/pods/p/exec", "v4.channel.k8s.io").WithBearer(TestGateway.Token))).Status.Should().Be(101);

        await world.SumAsync(1, Open, _kind, ("fairlead_stream", "watch"));
        await world.SumAsync(1, Open, _kind, ("fairlead_stream", "exec"));
        (await world.ScrapeAsync()).Sum("fairlead_limit_used", ("fairlead_limit", "streams"), ("fairlead_scope", "all")).Should().Be(1);
        (await world.ScrapeAsync()).Sum("fairlead_limit_used", ("fairlead_limit", "upgraded_connections"), ("fairlead_scope", "caller")).Should().Be(1);
        (await world.ScrapeAsync()).Sum(Streams).Should().Be(0);

        end.Open();
        await world.SumAsync(1, Streams, _kind, ("fairlead_stream", "watch"), ("fairlead_outcome", "complete"), ("fairlead_status_class", "2xx"));
        await world.SumAsync(1, Streams, _kind, ("fairlead_stream", "exec"), ("fairlead_status_class", "1xx"));
        await world.SumAsync(0, Open);
        (await world.ScrapeAsync()).Sum(Requests).Should().Be(0, "they are no requests whose time says anything");
    }

    [Fact]
    public async Task F42_A_refusal_is_counted_by_its_reason_and_an_upstream_that_is_away_is_failing_until_it_answers()
    {
        await using var world = await MonitoredGateway.StartAsync();
        (await world.Gateway.SendBareAsync(RawRequest.Get(MonitoredGateway.Pods))).Status.Should().Be(401);
        (await world.Gateway.SendAsync(RawRequest.Get("/clusters/gone/api/v1/pods"))).Status.Should().Be(502);
        (await world.Gateway.SendAsync(RawRequest.Get("/clusters/nowhere/api/v1/pods"))).Status.Should().Be(404);

        await world.SumAsync(1, Refusals, ("error_type", "missing_credentials"), ("k8s_cluster_name", "none"));
        await world.SumAsync(1, Refusals, ("error_type", "connection_refused"), ("k8s_cluster_name", "config/gone"));
        await world.SumAsync(1, Refusals, ("error_type", "cluster_not_found"), ("k8s_cluster_name", "none"));
        var page = await world.ScrapeAsync();
        page.Sum(Requests, ("fairlead_outcome", "refused")).Should().Be(2);
        page.Sum(Requests, ("fairlead_outcome", "failed"), ("k8s_cluster_name", "config/gone"), ("fairlead_status_class", "5xx")).Should().Be(1);
        page.Sum("fairlead_access_decisions_total", ("fairlead_decision", "hidden")).Should().Be(1);
        page.Sum("fairlead_cluster_failing", ("k8s_cluster_name", "config/gone")).Should().Be(1);
        page.Find("fairlead_cluster_failing", _kind).Should().ContainSingle().Which.Value.Should().Be(0);
        page.Sum("fairlead_upstream_connections_failures_total", ("k8s_cluster_name", "config/gone")).Should().BePositive();
        page.Find("fairlead_cluster_last_contact_time_seconds", ("k8s_cluster_name", "config/gone")).Should().BeEmpty("it has never answered");
    }

    [Fact]
    public async Task A_denied_request_is_counted_by_its_judge()
    {
        await using var world = await MonitoredGateway.StartAsync(static options => options with { AccessRules = [TestGateway.AllowAll with { Verbs = ["list"] }] });
        (await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods + "/p"))).Status.Should().Be(403);

        await world.SumAsync(1, "fairlead_access_decisions_total", ("fairlead_decision", "deny"), ("fairlead_judge", "no_rule"));
        await world.SumAsync(1, Refusals, ("error_type", "not_allowed"), _kind);
    }

    [Fact]
    public async Task An_access_review_is_counted_by_its_answer_and_one_that_is_remembered_as_such()
    {
        await using var world = await MonitoredGateway.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            (await world.ExecAsync("token")).Status.Should().Be(200);
        }

        (string, string) own = ("k8s_cluster_name", "config/own");
        var page = await world.ScrapeAsync();
        page.Sum("fairlead_access_reviews_total", own, ("fairlead_result", "allowed")).Should().Be(1);
        page.Sum("fairlead_access_reviews_total", own, ("fairlead_result", "remembered")).Should().Be(2);
        page.Sum("fairlead_access_decisions_total", ("fairlead_decision", "allow"), ("fairlead_judge", "access_review")).Should().Be(3);
    }

    [Fact]
    public async Task What_is_refused_by_a_limit_is_counted_by_limit_and_scope()
    {
        await using var world = await MonitoredGateway.StartAsync(static options => options with { Limits = options.Limits with { Rate = new(1, null, null) } });
        await Eventually.BeTrueAsync(async () => (await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods))).Status == 429, "the rate to be met");

        var page = await world.ScrapeAsync();
        page.Sum("fairlead_limit_refusals_total", ("fairlead_limit", "rate"), ("fairlead_scope", "caller")).Should().Be(1);
        page.Sum("fairlead_limit_places", ("fairlead_limit", "requests"), ("fairlead_scope", "all")).Should().BePositive();
    }

    [Fact]
    public async Task T111_Reloads_are_counted_and_a_refused_one_stands_out_until_it_is_mended()
    {
        await using var world = await MonitoredGateway.StartAsync();
        (await world.ScrapeAsync()).Sum("fairlead_config_generation").Should().Be(1);

        await world.Gateway.ReloadWrongAsync("access: unknown key", world.Watched);
        var page = await world.ScrapeAsync();
        page.Sum("fairlead_config_reloads_total", ("fairlead_result", "refused")).Should().Be(1);
        page.Sum("fairlead_config_reloads_total", ("fairlead_result", "succeeded")).Should().Be(0);
        page.Sum("fairlead_config_last_reload_failed").Should().Be(1);
        page.Sum("fairlead_config_generation").Should().Be(1);
        (await world.AskAsync("/readyz?verbose")).Should().Contain("[-]configuration failed: a change was refused at ").And.EndWith("readyz check passed\n");

        await world.Gateway.ReloadAsync(world.Options, world.Watched);
        page = await world.ScrapeAsync();
        page.Sum("fairlead_config_reloads_total", ("fairlead_result", "refused")).Should().Be(1);
        page.Sum("fairlead_config_reloads_total", ("fairlead_result", "succeeded")).Should().Be(1);
        page.Sum("fairlead_config_last_reload_failed").Should().Be(0);
        page.Sum("fairlead_config_generation").Should().Be(2);
    }

    [Fact]
    public async Task What_is_read_when_somebody_asks_is_gone_with_its_cluster()
    {
        await using var world = await MonitoredGateway.StartAsync();
        await world.UseAllAsync();
        string[] names = ["fairlead_cluster_failing", "fairlead_upstream_connections_open", "fairlead_upstream_connections_attempts_total", "fairlead_credential_time_to_expiry_seconds"];
        var page = await world.ScrapeAsync();
        names.Should().AllSatisfy(name => page.Find(name, ("k8s_cluster_name", "config/plugin")).Should().ContainSingle(name));

        await world.Gateway.ReloadAsync(world.Options with { ClusterLocators = [new ClusterLocator.Config("config", [TestCluster.Held("kind", world.Upstream.Url)])] }, world.Watched);

        page = await world.ScrapeAsync();
        names.Should().AllSatisfy(name => page.Find(name, ("k8s_cluster_name", "config/plugin")).Should().BeEmpty(name));
        page.Find("fairlead_cluster_failing", _kind).Should().ContainSingle();
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost : x\r\n\r\n", "invalid_request_headers")]
    [InlineData("GE(T / HTTP/1.1\r\nHost: x\r\n\r\n", "invalid_request_line")]
    [InlineData("LONG", "max_request_headers_total_size_exceeded")]
    public async Task What_the_server_itself_refuses_is_counted(string request, string reason)
    {
        await using var world = await MonitoredGateway.StartAsync();
        await using var client = await RawClient.ConnectAsync(world.Gateway.Port);
        await client.WriteAsync(request is "LONG" ? $"GET / HTTP/1.1\r\nHost: x\r\nA: {new string('a', 70_000)}\r\n\r\n" : request);
        (await client.ReadResponseAsync()).Status.Should().BeOneOf(400, 431);
        await client.WaitForCloseAsync();

        await world.SumAsync(1, "kestrel_connection_duration_seconds_count", ("error_type", reason), ("server_port", world.Gateway.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_credential_that_is_obtained_is_counted_and_says_how_long_it_is_good_for()
    {
        await using var world = await MonitoredGateway.StartAsync();
        await world.UseAllAsync();

        var page = await world.ScrapeAsync();
        page.Sum("fairlead_credential_mints_total", ("fairlead_credential", "exec"), ("fairlead_result", "obtained")).Should().Be(1);
        page.Sum("fairlead_credential_mints_total", ("fairlead_credential", "exec"), ("fairlead_result", "failed")).Should().Be(0);
        page.Find("fairlead_credential_time_to_expiry_seconds").Should().ContainSingle().Which.Labels["k8s_cluster_name"].Should().Be("config/plugin");
        page.Sum("fairlead_logins_total", ("fairlead_result", "login_failed")).Should().Be(1);
        page.Sum("fairlead_audit_failing").Should().Be(0);
        page.Sum("fairlead_cluster_source_clusters", ("fairlead_source", "config")).Should().Be(4);
    }

    [Fact]
    public async Task An_audit_file_that_cannot_be_written_is_seen()
    {
        await using var world = await MonitoredGateway.StartAsync(static options => options with { Audit = new AuditOptions { File = "/dev/full" } });
        (await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods))).Status.Should().Be(200);

        await world.SumAsync(1, "fairlead_audit_failing");
        (await world.ScrapeAsync()).Sum("fairlead_audit_queue_length").Should().BePositive();
        (await world.AskAsync("/readyz?verbose")).Should().Contain("[-]audit failed: records cannot be written");
        (await world.AskAsync("/readyz")).Should().Be("ok", "reads are still served");
    }

    [Fact]
    public async Task Metrics_can_be_switched_off()
    {
        await using var world = await MonitoredGateway.StartAsync(static options => options with { Telemetry = new TelemetryOptions { Metrics = false } });

        (await world.AskAsync("/metrics", 404)).Should().Be("not found");
        (await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods))).Status.Should().Be(200);
    }
}
