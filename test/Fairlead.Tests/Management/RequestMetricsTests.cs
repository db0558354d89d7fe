using System.Diagnostics.Metrics;
using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Management;
using Fairlead.Management.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Xunit;

namespace Fairlead.Tests.Management;

/// <summary>What is measured of a request costs it no memory, with OpenTelemetry's library behind it.</summary>
public sealed class RequestMetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly AuditTrail _trail = new(null, TimeProvider.System, NullLogger<AuditTrail>.Instance);

    [Fact]
    public void A_request_is_measured_without_allocating()
    {
        var kept = new Kept();
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(GatewayMeter.Name).AddView(TelemetrySetup.ViewOf).AddReader(new BaseExportingMetricReader(kept)).Build();
        var metrics = new RequestMetrics(new GatewayMeter(_services.GetRequiredService<IMeterFactory>()), new ClusterSeries(), TimeProvider.System);
        var (read, watch, refused) = (Record("list", false), Record("watch", true), Record("get", false));
        refused.Refused(new Refusal(RefusalReason.NotAllowed, "no"));
        Measure();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Measure();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        provider.ForceFlush();
        kept.Names.Should().Contain([RequestMetrics.Duration, RequestMetrics.StreamDuration, RequestMetrics.UpstreamDuration, "fairlead.streams.open", "fairlead.refusals"]);

        void Measure()
        {
            foreach (var record in (ReadOnlySpan<AuditRecord>)[read, watch, refused])
            {
                var began = metrics.Now;
                using var open = metrics.Open(record.Action!, "config/kind");
                metrics.Sent(StreamClass.Short, "config/kind").Answered();
                metrics.Ended(record, 200, began);
            }
        }
    }

    [Fact]
    public void Every_status_is_one_of_six_classes_and_every_reason_has_a_word()
    {
        Enumerable.Range(-10, 2000).Select(MetricTags.StatusClassOf).Distinct(StringComparer.Ordinal).Should().BeEquivalentTo("none", "1xx", "2xx", "3xx", "4xx", "5xx");
        Enum.GetValues<RefusalReason>().Select(MetricTags.Of).Should().OnlyHaveUniqueItems().And.AllSatisfy(static word => word.Should().MatchRegex("^[a-z_]+$"));
    }

    [Theory]
    [InlineData("watch", "", "watch")]
    [InlineData("get", "log", "log")]
    [InlineData("create", "exec", "exec")]
    [InlineData("create", "attach", "attach")]
    [InlineData("create", "portforward", "portforward")]
    [InlineData("get", "proxy", "proxy")]
    [InlineData("get", "made-up", "other")]
    public void A_stream_is_one_of_seven_kinds(string verb, string subresource, string expected) =>
        StreamKind.Of(new KubernetesAction { IsResourceRequest = true, Verb = verb, Path = "/", Subresource = subresource, IsLongRunning = true }).Should().Be(expected);

    public void Dispose()
    {
        _services.Dispose();
        _trail.Dispose();
    }

    private AuditRecord Record(string verb, bool isLong)
    {
        var record = _trail.Begin(new DefaultHttpContext());
        record.Door = Door.Cluster;
        record.Cluster = "config/kind";
        record.Action = new KubernetesAction { IsResourceRequest = true, Verb = verb, Path = "/api/v1/pods", Resource = "pods", IsLongRunning = isLong };
        record.Ended(ForwardOutcome.Complete);
        return record;
    }

    private sealed class Kept : BaseExporter<Metric>
    {
        public List<string> Names { get; } = [];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                Names.Add(metric.Name);
            }

            return ExportResult.Success;
        }
    }
}
