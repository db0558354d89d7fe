using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Xunit;

namespace Fairlead.Tests.Configuration;

public sealed class TelemetryKeysTests : IDisposable
{
    private readonly Loading _loading = new();

    [Fact]
    public void Without_a_section_there_are_metrics_and_no_traces()
    {
        var telemetry = _loading.Options("listen: http://127.0.0.1:0").Telemetry;

        telemetry.Should().Be(new TelemetryOptions());
        (telemetry.Metrics, telemetry.HasTraces).Should().Be((true, false));
    }

    [Fact]
    public void All_values_arrive()
    {
        var telemetry = _loading.Options("""
            telemetry:
              metrics: false
              sampling: 0.05
              stdout: true
              serviceName: gateway
              serviceVersion: "1"
              attributes: { deployment.environment.name: prod }
              otlp: { endpoint: https://otel.example:4318/base, protocol: http/protobuf, headers: { Authorization: Bearer geheim }, caFile: /ca.crt, signals: [metrics], interval: 15s }
            """).Telemetry;

        telemetry.Should().Be(new TelemetryOptions
        {
            Metrics = false, Sampling = 0.05, Stdout = true, ServiceName = "gateway", ServiceVersion = "1", Attributes = [KeyValuePair.Create("deployment.environment.name", "prod")],
            Otlp = new OtlpOptions
            {
                Endpoint = new Uri("https://otel.example:4318/base"), IsHttp = true, Headers = [new OtlpHeader("Authorization", new Secret("Bearer geheim"))], CaFile = "/ca.crt", Traces = false,
                Interval = TimeSpan.FromSeconds(15),
            },
        });
        telemetry.ToString().Should().NotContain("geheim");
    }

    [Theory]
    [InlineData("telemetry: { sampling: 2 }", "telemetry.sampling", "0 to 1")]
    [InlineData("telemetry: { sampling: often }", "telemetry.sampling", "0 to 1")]
    [InlineData("telemetry: { otlp: { protocol: grpc } }", "telemetry.otlp.endpoint", "is missing")]
    [InlineData("telemetry: { otlp: { endpoint: 'http://u:p@x:1' } }", "telemetry.otlp.endpoint", "without a user")]
    [InlineData("telemetry: { otlp: { endpoint: 'ftp://x' } }", "telemetry.otlp.endpoint", "http://otel-collector:4317")]
    [InlineData("telemetry: { otlp: { endpoint: 'x:4317', protocol: http/json } }", "telemetry.otlp.protocol", "http/protobuf")]
    [InlineData("telemetry: { otlp: { endpoint: 'x:4317', signals: [logs] } }", "telemetry.otlp.signals[0]", "traces, metrics")]
    [InlineData("telemetry: { otlp: { endpoint: 'x:4317', headers: { 'a b': c } } }", "telemetry.otlp.headers", "no header")]
    [InlineData("telemetry: { otlp: { endpoint: 'x:4317', interval: 1ms } }", "telemetry.otlp.interval", "between")]
    [InlineData("telemetry: { metric: true }", "telemetry.metric", "did you mean 'metrics'?")]
    public void What_is_wrong_is_said_with_its_key(string yaml, string path, string message)
    {
        var error = _loading.Error(yaml);

        error.Path.Should().Be(path);
        error.Message.Should().Contain(message);
    }

    public void Dispose() => _loading.Dispose();
}
