using System.Net;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Credentials.Impersonation;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Audit;

public sealed class AuditTrailTests : IDisposable
{
    private const int Capacity = 8192;
    private const int Failing = 501;
    private const int Dropped = 502;

    private readonly TempFolder _folder = new();
    private readonly LogRecorder _log = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly LoggerFactory _loggers;

    public AuditTrailTests() => _loggers = new LoggerFactory([_log]);

    private string Audit => _folder.PathOf("audit");

    public void Dispose()
    {
        _loggers.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task F52_A_record_has_the_shape_of_a_Kubernetes_audit_event()
    {
        using var trail = await StartAsync(Audit);
        var record = trail.Begin(Http("GET", "/api/kubernetes/proxy/api/v1/namespaces/n/pods/p/log?container=c"));
        record.Door = Door.Backstage;
        record.CalledBy(Make.Jane);
        record.Cluster = "config/kind";
        record.Action = Make.Action("GET", "/api/v1/namespaces/n/pods/p/log");
        record.Credential = new UpstreamCredential.ServiceAccount(new Secret("SENTINEL"));
        record.TryReserve().Should().BeTrue();
        record.Ended(ForwardOutcome.Complete);
        record.Close();
        await trail.StopAsync(default);

        var json = (await LinesAsync()).Should().ContainSingle().Subject.RootElement;
        json.GetProperty("kind").GetString().Should().Be("Event");
        json.GetProperty("apiVersion").GetString().Should().Be("audit.k8s.io/v1");
        json.GetProperty("requestURI").GetString().Should().Be("/api/kubernetes/proxy/api/v1/namespaces/n/pods/p/log?container=***");
        json.GetProperty("verb").GetString().Should().Be("get");
        json.GetProperty("user").GetProperty("username").GetString().Should().Be("jane");
        json.GetProperty("objectRef").GetProperty("subresource").GetString().Should().Be("log");
        json.GetProperty("responseStatus").GetProperty("code").GetInt32().Should().Be(200);
        json.GetProperty("requestReceivedTimestamp").GetString().Should().Be("2026-01-02T03:04:05.000000Z");
        json.GetProperty("annotations").GetProperty("fairlead.dev/cluster").GetString().Should().Be("config/kind");
        json.GetProperty("annotations").GetProperty("fairlead.dev/credential").GetString().Should().Be("ServiceAccount");
        json.GetRawText().Should().NotContain("SENTINEL");
    }

    [Fact]
    public async Task F52_A_record_is_one_line_with_its_fields_in_the_order_of_the_API_server()
    {
        using var trail = await StartAsync(Audit);
        var http = Http("GET", "/clusters/kind/api/v1/namespaces/n/pods?labelSelector=a&watch=1");
        http.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:192.0.2.7");
        http.Request.Headers.UserAgent = "kubectl \"é\"\n";
        var record = trail.Begin(http);
        record.Door = Door.Cluster;
        record.Action = Make.Action("GET", "/api/v1/namespaces/n/pods?watch=1");
        record.Decided(new Authority(new Identified(new Caller.Portal("jane", ["devs", "ops"]) { Uid = "42" }, null) { Login = LoginKind.Jwt }, null, new CredentialPlan.Impersonated(new ImpersonatedUser("oidc:jane", ["oidc:devs"], null, [new("scopes", ["a", "b"])])), null)
        {
            Judgement = new Judgement(Judge.Rule, "1"),
        });
        record.Cluster = "config/kind";
        record.Answered(200, "9d3f");
        _time.Advance(TimeSpan.FromTicks(12_345_678));
        record.Ended(ForwardOutcome.Revoked, new Refusal(RefusalReason.NotAllowed, "gone"));
        record.Bytes.Gave(1234);
        record.Close();
        await trail.StopAsync(default);

        var lines = await File.ReadAllLinesAsync(Audit);
        var common = "\"requestURI\":\"/clusters/kind/api/v1/namespaces/n/pods?labelSelector=***&watch=***\",\"verb\":\"watch\",\"user\":{\"username\":\"jane\",\"uid\":\"42\",\"groups\":[\"devs\",\"ops\"]},"
            + "\"impersonatedUser\":{\"username\":\"oidc:jane\",\"groups\":[\"oidc:devs\"],\"extra\":{\"scopes\":[\"a\",\"b\"]}},\"sourceIPs\":[\"192.0.2.7\"],\"userAgent\":\"kubectl \\\"é\\\"\\n\","
            + "\"objectRef\":{\"resource\":\"pods\",\"namespace\":\"n\",\"name\":\"\",\"apiGroup\":\"\",\"apiVersion\":\"v1\",\"subresource\":\"\"},\"responseStatus\":{\"code\":200},\"requestReceivedTimestamp\":\"2026-01-02T03:04:05.000000Z\",";
        var annotations = "\"annotations\":{\"fairlead.dev/door\":\"Cluster\",\"fairlead.dev/login\":\"Jwt\",\"fairlead.dev/cluster\":\"config/kind\",\"fairlead.dev/decision\":\"allow\",\"fairlead.dev/decided-by\":\"rule 1\",\"fairlead.dev/cluster-audit-id\":\"9d3f\"";
        lines.Should().Equal(
            $"{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"auditID\":\"{record.Id}\",\"stage\":\"ResponseStarted\",{common}\"stageTimestamp\":\"2026-01-02T03:04:05.000000Z\",{annotations}}}}}",
            $"{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"auditID\":\"{record.Id}\",\"stage\":\"ResponseComplete\",{common}\"stageTimestamp\":\"2026-01-02T03:04:06.234567Z\",{annotations},"
            + "\"fairlead.dev/outcome\":\"Revoked\",\"fairlead.dev/ended-by\":\"NotAllowed: gone\",\"fairlead.dev/request-bytes\":\"0\",\"fairlead.dev/response-bytes\":\"1234\",\"fairlead.dev/duration-seconds\":\"1.234568\"}}");
    }

    [Fact]
    public async Task B103_A_refused_request_without_a_caller_has_its_record_too()
    {
        using var trail = await StartAsync(Audit);
        var http = Http("DELETE", "/x?token=SENTINEL\u001b");
        http.Response.StatusCode = 401;
        var record = trail.Begin(http);
        record.Refused(new Refusal(RefusalReason.MissingCredentials, "Missing credentials"));
        record.Close();
        await trail.StopAsync(default);

        var json = (await LinesAsync()).Should().ContainSingle().Subject.RootElement;
        json.GetProperty("annotations").GetProperty("fairlead.dev/outcome").GetString().Should().Be("Refused/MissingCredentials");
        json.GetProperty("user").GetProperty("username").GetString().Should().Be("system:anonymous");
        json.GetProperty("verb").GetString().Should().Be("delete");
        json.GetRawText().Should().NotContain("SENTINEL");
    }

    [Fact]
    public async Task B105_T114_A_full_disk_refuses_what_changes_something_and_loses_no_record_and_no_order()
    {
        File.CreateSymbolicLink(Audit, "/dev/full");
        using var trail = await StartAsync(Audit);
        for (var i = 0; i < Capacity; i++)
        {
            var record = Record(trail, "DELETE", $"/api/v1/namespaces/n/pods/p{i}");
            record.TryReserve().Should().BeTrue();
            record.Close();
        }

        await Eventually.BeTrueAsync(() => _log.Count(Failing) > 0, "the trail has met the full disk");
        Record(trail, "DELETE", "/api/v1/namespaces/n/pods/late").TryReserve().Should().BeFalse();
        Record(trail, "POST", "/api/v1/namespaces/n/pods/p/exec").TryReserve().Should().BeFalse();
        Record(trail, "GET", "/api/v1/pods?watch=1").TryReserve().Should().BeFalse();
        var read = Record(trail, "GET", "/api/v1/pods");
        read.TryReserve().Should().BeTrue();
        read.Close();
        _log.Count(Dropped).Should().Be(1);

        File.Delete(Audit);
        await RetryUntilAsync(() => Record(trail, "DELETE", "/api/v1/namespaces/n/pods/free").TryReserve(), "the trail has written and has places again");
        await trail.StopAsync(default);

        (await LinesAsync()).Select(static line => line.RootElement.GetProperty("objectRef").GetProperty("name").GetString())
            .Should().Equal(Enumerable.Range(0, Capacity).Select(static i => $"p{i}"));
    }

    [Fact]
    public async Task A_place_is_given_back_when_its_record_is_written()
    {
        using var trail = await StartAsync(Audit);
        for (var i = 0; i < Capacity * 2; i++)
        {
            var record = Record(trail, "DELETE", "/api/v1/namespaces/n/pods/p");
            await Eventually.BeTrueAsync(record.TryReserve, "a place is free");
            record.Close();
        }

        await trail.StopAsync(default);
        (await LinesAsync()).Should().HaveCount(Capacity * 2);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_a_full_disk_for_ever()
    {
        File.CreateSymbolicLink(Audit, "/dev/full");
        using var trail = await StartAsync(Audit);
        Record(trail, "GET", "/api/v1/pods").Close();
        await Eventually.BeTrueAsync(() => _log.Count(Failing) > 0, "the trail has met the full disk");

        await trail.StopAsync(new CancellationToken(canceled: true));
        await trail.ExecuteTask!.WaitAsync(Guard.Limit);
    }

    [Fact]
    public async Task A_trail_that_forgets_refuses_nothing_and_says_how_many_records_it_has_dropped()
    {
        File.CreateSymbolicLink(Audit, "/dev/full");
        using var trail = Trail(new AuditOptions { File = Audit, ForgetsWhenFull = true, Queue = 16 });
        await trail.StartAsync(default);
        for (var i = 0; i < 20; i++)
        {
            var record = Record(trail, "DELETE", $"/api/v1/namespaces/n/pods/p{i}");
            record.TryReserve().Should().BeTrue();
            record.Close();
        }

        _log.Count(Dropped).Should().Be(1, "one line is enough");
        await Eventually.BeTrueAsync(() => _log.Count(Failing) > 0, "the trail has met the full disk");
        File.Delete(Audit);
        await RetryUntilAsync(() => _log.Count(803) > 0, "the number is said");
        await trail.StopAsync(default);

        (await LinesAsync()).Should().HaveCount(16);
    }

    [Fact]
    public async Task A_sink_that_stands_still_keeps_no_other_one_waiting()
    {
        var stuck = new Stuck();
        using var trail = new AuditTrail(new AuditOptions { Queue = 16 }, [stuck, FileAuditSink.For(new AuditOptions { File = Audit }, _time, _loggers.CreateLogger<RotatedFiles>())], _time, _loggers.CreateLogger<AuditTrail>());
        await trail.StartAsync(default);
        for (var i = 0; i < 16; i++)
        {
            var record = Record(trail, "DELETE", $"/api/v1/namespaces/n/pods/p{i}");
            record.TryReserve().Should().BeTrue();
            record.Close();
        }

        await Eventually.BeTrueAsync(() => File.Exists(Audit) && File.ReadAllLines(Audit).Length == 16, "the file has them");
        Record(trail, "DELETE", "/api/v1/namespaces/n/pods/late").TryReserve().Should().BeFalse("the other one has no room");
        stuck.Go.SetResult();
        await Eventually.BeTrueAsync(Record(trail, "DELETE", "/api/v1/namespaces/n/pods/late").TryReserve, "there is room again");
        await trail.StopAsync(default);
    }

    [Fact]
    public void Without_a_file_nothing_is_kept_and_nothing_is_refused()
    {
        using var trail = Trail(new AuditOptions());

        for (var i = 0; i <= Capacity; i++)
        {
            var record = Record(trail, "DELETE", "/api/v1/namespaces/n/pods/p");
            record.TryReserve().Should().BeTrue();
            record.Close();
        }
    }

    [Theory]
    [InlineData("GET", "/api/v1/pods", false)]
    [InlineData("HEAD", "/api/v1/namespaces/n/pods/p", false)]
    [InlineData("OPTIONS", "/healthz", false)]
    [InlineData("HEAD", "/healthz", false)]
    [InlineData("GET", "/api/v1/pods?watch=1", true)]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p/log?follow=1", true)]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p/exec", true)]
    [InlineData("GET", "/api/v1/namespaces/n/services/s/proxy/x", true)]
    [InlineData("POST", "/api/v1/namespaces/n/pods", true)]
    [InlineData("PATCH", "/api/v1/namespaces/n/pods/p", true)]
    [InlineData("DELETE", "/api/v1/pods", true)]
    [InlineData("POST", "/healthz", true)]
    public void Decision31_Writes_and_streams_are_the_ones_that_need_a_place(string method, string target, bool critical)
    {
        using var trail = Trail(new AuditOptions());

        Record(trail, method, target).IsCritical.Should().Be(critical);
    }

    private static AuditRecord Record(AuditTrail trail, string method, string target)
    {
        var record = trail.Begin(Http(method, target));
        record.Action = Make.Action(method, target);
        return record;
    }

    private static DefaultHttpContext Http(string method, string target)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = method;
        http.Request.Headers.Authorization = "Bearer SENTINEL";
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        return http;
    }

    private AuditTrail Trail(AuditOptions options) => AuditTrail.For(options, _time, _loggers);

    private async Task<AuditTrail> StartAsync(string file)
    {
        var trail = Trail(new AuditOptions { File = file });
        await trail.StartAsync(default);
        return trail;
    }

    private Task RetryUntilAsync(Func<bool> condition, string what) => Eventually.BeTrueAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        what);

    private async Task<IReadOnlyList<JsonDocument>> LinesAsync() => [.. (await File.ReadAllLinesAsync(Audit)).Select(static line => JsonDocument.Parse(line))];

    private sealed class Stuck : IAuditSink
    {
        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "stuck";

        public async ValueTask AppendAsync(ReadOnlyMemory<byte> lines) => await Go.Task;
    }
}
