using System.Diagnostics.Metrics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fairlead.Commands;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Management.Metrics;
using Fairlead.Management.Tracing;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Fairlead.Management;

/// <summary>Hands the gateway's measurements and spans to whoever wants them, by OpenTelemetry's library.</summary>
internal static class TelemetrySetup
{
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";
    private const string Runtime = "System.Runtime";

    // Of one metric: clusters and everything else that a label can be are bounded below it; what is not would end up in one series of its own.
    private const int MostSeries = 6000;

    private static readonly ExplicitBucketHistogramConfiguration _latency =
        new() { Boundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60], CardinalityLimit = MostSeries };

    private static readonly ExplicitBucketHistogramConfiguration _lifetime = new() { Boundaries = [1, 10, 60, 300, 900, 1800, 3600, 14_400, 86_400], CardinalityLimit = MostSeries };

    private static readonly ExplicitBucketHistogramConfiguration _connections =
        new() { Boundaries = [1, 10, 60, 600, 3600], TagKeys = ["error.type", "network.protocol.version", "server.port"] };

    private static readonly ExplicitBucketHistogramConfiguration _handshakes = new() { Boundaries = [0.01, 0.05, 0.1, 0.5, 1, 5], TagKeys = ["error.type", "tls.protocol.version"] };

    // Addresses of the machine say nothing that the port does not.
    private static readonly MetricStreamConfiguration _counts = new() { TagKeys = ["server.port"] };

    /// <summary>Registers what <paramref name="options"/> ask for.</summary>
    public static void Add(IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton<ClusterSeries>();
        services.AddSingleton<GatewayMeter>();
        services.AddSingleton<RequestMetrics>();
        services.AddSingleton<ClusterMetrics>();
        services.AddSingleton<ProcessMetrics>();
        services.AddSingleton<GatewayTracing>();
        services.AddSingleton<ReloadHistory>();
        services.AddSingleton<TelemetryLog>();
        services.AddSingleton<HealthChecks>();
        services.AddSingleton<Probes>();
        var telemetry = options.Telemetry;
        var isScraped = IsScraped(options);
        if (!isScraped && telemetry is { Otlp: null, Stdout: false })
        {
            return;
        }

        var builder = services.AddOpenTelemetry().ConfigureResource(resource => Describe(resource, telemetry));
        if (isScraped || telemetry.Otlp is { Metrics: true })
        {
            builder.WithMetrics(metrics => Add(metrics, telemetry, isScraped));
        }

        if (telemetry.HasTraces)
        {
            builder.WithTracing(traces => Add(traces, telemetry));
        }
    }

    /// <summary>Begins to measure, and gives what answers <c>/metrics</c>; null where nobody may ask.</summary>
    public static RequestDelegate? Start(WebApplication app, GatewayOptions options)
    {
        app.Services.GetRequiredService<ClusterMetrics>();
        app.Services.GetRequiredService<ProcessMetrics>();
        if (options.Telemetry is { Otlp: not null } or { Stdout: true })
        {
            app.Services.GetRequiredService<TelemetryLog>();
        }

        if (!IsScraped(options))
        {
            return null;
        }

        var pipeline = ((IApplicationBuilder)app).New();
        pipeline.UseOpenTelemetryPrometheusScrapingEndpoint(static _ => true);
        return pipeline.Build();
    }

    private static bool IsScraped(GatewayOptions options) => options.Telemetry.Metrics && options.ManagementListen is not null;

    private static void Describe(ResourceBuilder resource, TelemetryOptions telemetry) => resource.Clear()
        .AddAttributes(telemetry.Attributes.Select(static pair => KeyValuePair.Create(pair.Key, (object)pair.Value)))
        .AddService(telemetry.ServiceName, serviceVersion: telemetry.ServiceVersion ?? ProductVersion.Text, autoGenerateServiceInstanceId: false, serviceInstanceId: Environment.MachineName);

    private static void Add(MeterProviderBuilder metrics, TelemetryOptions telemetry, bool isScraped)
    {
        metrics.AddMeter(GatewayMeter.Name, Kestrel, Runtime).AddView(ViewOf);
        if (isScraped)
        {
            metrics.AddPrometheusExporter(static exporter =>
            {
                exporter.ScopeInfoEnabled = false;
                exporter.ScrapeResponseCacheDurationMilliseconds = 0;
            });
        }

        if (telemetry.Otlp is { Metrics: true } otlp)
        {
            metrics.AddOtlpExporter((exporter, reader) =>
            {
                Apply(exporter, otlp, "metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)otlp.Interval.TotalMilliseconds;
            });
        }
    }

    private static void Add(TracerProviderBuilder traces, TelemetryOptions telemetry)
    {
        traces.AddSource(GatewayTracing.Name).SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(telemetry.Sampling)));
        if (telemetry.Otlp is { Traces: true } otlp)
        {
            traces.AddOtlpExporter(exporter => Apply(exporter, otlp, "traces"));
        }

        if (telemetry.Stdout)
        {
            traces.AddProcessor(static provider => new SimpleActivityExportProcessor(new LogSpanExporter(provider.GetRequiredService<ILogger<LogSpanExporter>>())));
        }
    }

    /// <summary>How an instrument is kept: its buckets, its labels, how many series it may have.</summary>
    public static MetricStreamConfiguration? ViewOf(Instrument instrument) => (instrument.Meter.Name, instrument.Name) switch
    {
        (GatewayMeter.Name, RequestMetrics.Duration or RequestMetrics.UpstreamDuration) => _latency,
        (GatewayMeter.Name, RequestMetrics.StreamDuration) => _lifetime,
        (GatewayMeter.Name, "fairlead.refusals") => new MetricStreamConfiguration { CardinalityLimit = MostSeries },
        (Kestrel, "kestrel.connection.duration") => _connections,
        (Kestrel, "kestrel.tls_handshake.duration") => _handshakes,
        (Kestrel, _) => _counts,
        _ => null,
    };

    private static void Apply(OtlpExporterOptions exporter, OtlpOptions otlp, string signal)
    {
        exporter.Protocol = otlp.IsHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = otlp.IsHttp ? new Uri(otlp.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/v1/" + signal) : otlp.Endpoint;
        exporter.HttpClientFactory = () =>
        {
            var client = new HttpClient(Handler(otlp)) { Timeout = TimeSpan.FromMilliseconds(exporter.TimeoutMilliseconds) };
            // Not by the exporter's own setting: it has no way to write a comma.
            foreach (var (name, value) in otlp.Headers)
            {
                client.DefaultRequestHeaders.TryAddWithoutValidation(name, value.Reveal());
            }

            return client;
        };
    }

    /// <summary>No proxy and no propagation; an authority of its own is read when the first connection is made.</summary>
    private static SocketsHttpHandler Handler(OtlpOptions otlp) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = ServerTrust.For(otlp.CaFile is { } file ? Authority(file) : null) },
    };

    private static X509Certificate2Collection Authority(string file)
    {
        var authority = new X509Certificate2Collection();
        try
        {
            authority.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // The state of a file stops no start (decision 24): nobody is trusted, and the log says that nothing arrives.
        }

        return authority;
    }
}
