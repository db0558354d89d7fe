using System.Text;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Telemetry;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Monitoring;

/// <summary>Traces from the portal through the gateway to the API server, over OTLP to a real collector (W3C Trace Context).</summary>
[Collection(AloneTests.Name)]
public sealed class TraceTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Portal = "00f067aa0ba902b7";

    public static TheoryData<bool> Protocols => [true, false];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_request_is_a_span_of_the_callers_trace_and_the_API_server_is_its_child(bool isGrpc)
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc);
        await using var world = await StartAsync(collector, isGrpc);
        var trace = NewTrace();

        (await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods + "/p?token=SENTINEL").With("traceparent", $"00-{trace}-{Portal}-01").With("tracestate", "portal=1"))).Status.Should().Be(200);

        var spans = await collector.TraceAsync(trace, 2);
        var server = spans.Should().ContainSingle(static span => span.Kind == 2).Subject;
        var client = spans.Should().ContainSingle(static span => span.Kind == 3).Subject;
        server.ParentId.Should().Be(Portal);
        server.State.Should().Be("portal=1");
        server.Name.Should().Be("GET /clusters/{cluster}");
        client.ParentId.Should().Be(server.SpanId);
        client.Name.Should().Be("GET");
        var sent = world.Upstream.Requests.Should().ContainSingle().Subject;
        sent.Headers("traceparent").Should().Equal($"00-{trace}-{client.SpanId}-01");
        sent.Headers("tracestate").Should().Equal("portal=1");
        server.Attributes.Should().Contain(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["http.request.method"] = "GET", ["url.scheme"] = "http", ["http.route"] = "/clusters/{cluster}", ["http.response.status_code"] = "200", ["network.protocol.version"] = "1.1",
            ["fairlead.door"] = "cluster", ["fairlead.outcome"] = "complete", ["k8s.cluster.name"] = "config/kind", ["fairlead.k8s.verb"] = "get", ["fairlead.k8s.resource"] = "pods", ["fairlead.k8s.name"] = "p",
        });
        client.Attributes.Should().Contain(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["http.request.method"] = "GET", ["k8s.cluster.name"] = "config/kind", ["server.address"] = "127.0.0.1", ["http.response.status_code"] = "200",
        });
        server.Resource.Should().Contain(new Dictionary<string, string>(StringComparer.Ordinal) { ["service.name"] = "portal-gateway", ["service.version"] = "9.9", ["deployment.environment.name"] = "test" });
        collector.Headers.Should().OnlyContain(static headers => headers["x-api-key"] == "a=b, c");
        collector.Spans.Select(static span => span.ToString() + string.Join(' ', span.Attributes)).Should().NotContain(static text => text.Contains("SENTINEL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_fails_says_why()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: true);
        await using var world = await StartAsync(collector, isGrpc: true);
        var (away, refused) = (NewTrace(), NewTrace());

        (await world.Gateway.SendAsync(RawRequest.Get("/clusters/gone/api/v1/pods").With("traceparent", $"00-{away}-{Portal}-01"))).Status.Should().Be(502);
        (await world.Gateway.SendBareAsync(RawRequest.Get(MonitoredGateway.Pods).With("traceparent", $"00-{refused}-{Portal}-01"))).Status.Should().Be(401);

        (await collector.TraceAsync(away, 2)).Should().AllSatisfy(static span =>
        {
            span.IsError.Should().BeTrue();
            span.Attributes["error.type"].Should().Be("connection_refused");
        });
        var only = (await collector.TraceAsync(refused, 1)).Should().ContainSingle().Subject;
        only.IsError.Should().BeFalse("the client's mistake is no error of the server");
        only.Attributes["error.type"].Should().Be("missing_credentials");
        only.Attributes.Keys.Should().NotContain("k8s.cluster.name");
    }

    [Fact]
    public async Task A_trace_that_the_caller_does_not_keep_is_not_kept_and_goes_on_all_the_same()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: true);
        await using var world = await StartAsync(collector, isGrpc: true);
        var (dropped, kept) = (NewTrace(), NewTrace());

        await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods).With("traceparent", $"00-{dropped}-{Portal}-00"));
        await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods).With("traceparent", $"00-{kept}-{Portal}-01"));

        await collector.TraceAsync(kept, 2);
        collector.Spans.Should().NotContain(span => span.TraceId == dropped);
        var sent = world.Upstream.Requests[0].Header("traceparent");
        sent.Should().StartWith($"00-{dropped}-").And.EndWith("-00").And.NotContain(Portal, "the parent is the gateway");
    }

    [Fact]
    public async Task The_share_of_traces_that_are_kept_is_configured()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: true);
        await using var world = await StartAsync(collector, isGrpc: true, sampling: 0);
        var kept = NewTrace();

        for (var i = 0; i < 20; i++)
        {
            await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods));
        }

        await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods).With("traceparent", $"00-{kept}-{Portal}-01"));
        await collector.TraceAsync(kept, 2);
        // Whoever brings none begins one that nobody keeps.
        world.Upstream.Requests.SkipLast(1).Select(static request => request.Header("traceparent")).Should().OnlyContain(static header => header!.EndsWith("-00", StringComparison.Ordinal)).And.OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData("00-zzz", null)]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01", "a=1")]
    public async Task A_context_that_is_none_begins_a_new_trace(string parent, string? state)
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: false);
        await using var world = await StartAsync(collector, isGrpc: false);
        var request = RawRequest.Get(MonitoredGateway.Pods).With("traceparent", parent);

        await world.Gateway.SendAsync(state is null ? request : request.With("tracestate", state));

        var sent = world.Upstream.Requests.Should().ContainSingle().Subject;
        sent.Headers("traceparent").Should().ContainSingle().Which.Should().NotBe(parent).And.MatchRegex("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$");
        sent.Headers("tracestate").Should().BeEmpty();
        (await collector.TraceAsync(sent.Header("traceparent")!.Split('-')[1], 2)).Should().ContainSingle(static span => span.Kind == 2).Which.ParentId.Should().BeEmpty();
    }

    [Fact]
    public async Task Spans_can_go_to_the_log()
    {
        await using var world = await MonitoredGateway.StartAsync(static options => options with { Telemetry = new TelemetryOptions { Stdout = true } });
        var trace = NewTrace();

        await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods + "?token=SENTINEL").With("traceparent", $"00-{trace}-{Portal}-01"));

        await Eventually.BeTrueAsync(() => world.Gateway.Log.Lines.Count(line => line.Contains($"trace {trace}", StringComparison.Ordinal)) == 2, "both spans to be logged");
        world.Gateway.Log.Lines.Should().NotContain(static line => line.Contains("SENTINEL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_go_to_the_collector_as_well()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: false);
        await using var world = await StartAsync(collector, isGrpc: false);
        await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods));

        await Eventually.BeTrueAsync(
            () => collector.Metrics.Any(static message => Encoding.Latin1.GetString(message).Contains("fairlead.request.duration", StringComparison.Ordinal)), "the metrics to come");
    }

    [Fact]
    public async Task A_collectors_certificate_is_checked_against_the_authority_that_is_configured()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: true, TestCertificates.Shared.Server().Certificate);
        using var folder = new Testing.Files.TempFolder();
        var trace = NewTrace();

        await using (var trusting = await StartAsync(collector.Url, folder.Write("ca.crt", TestCertificates.Shared.AuthorityPem)))
        {
            await trusting.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods).With("traceparent", $"00-{trace}-{Portal}-01"));
            await collector.TraceAsync(trace, 2);
        }

        var before = collector.Spans.Count;
        foreach (var file in (string?[])[null, folder.Of("missing.crt")])
        {
            await using var other = await StartAsync(collector.Url, file);
            (await other.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods))).Status.Should().Be(200);
            await Eventually.BeTrueAsync(() => other.Gateway.Log.Count(902) > 0, "the log to say that nothing arrives");
        }

        collector.Spans.Count.Should().Be(before);

        static Task<MonitoredGateway> StartAsync(Uri url, string? caFile) => MonitoredGateway.StartAsync(options => options with
        {
            Telemetry = new TelemetryOptions { Otlp = new OtlpOptions { Endpoint = url, CaFile = caFile, Interval = TimeSpan.FromSeconds(1) } },
        });
    }

    [Fact]
    public async Task A_collector_that_is_away_is_told_in_the_log_and_costs_no_request()
    {
        using var nobody = new RefusedPort();
        await using var world = await MonitoredGateway.StartAsync(options => options with { Telemetry = new TelemetryOptions { Otlp = new OtlpOptions { Endpoint = new Uri($"http://127.0.0.1:{nobody.Port}"), Interval = TimeSpan.FromSeconds(1) } } });

        (await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods))).Status.Should().Be(200);

        await Eventually.BeTrueAsync(() => world.Gateway.Log.Count(902) > 0, "the log to say so");
    }

    private static string NewTrace() => Trace[..16] + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray())[..16];

    private static Task<MonitoredGateway> StartAsync(OtlpReceiver collector, bool isGrpc, double sampling = 1) => MonitoredGateway.StartAsync(options => options with
    {
        Telemetry = new TelemetryOptions
        {
            Otlp = new OtlpOptions { Endpoint = collector.Url, IsHttp = !isGrpc, Headers = [new OtlpHeader("x-api-key", new Secret("a=b, c"))], Interval = TimeSpan.FromSeconds(1) },
            Sampling = sampling,
            ServiceName = "portal-gateway",
            ServiceVersion = "9.9",
            Attributes = [KeyValuePair.Create("deployment.environment.name", "test")],
        },
    });
}
