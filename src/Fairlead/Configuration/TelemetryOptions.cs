using Fairlead.Kubernetes;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Configuration;

/// <summary>What is told about the gateway (<c>telemetry</c>).</summary>
internal sealed record TelemetryOptions
{
    /// <summary>Whether <c>/metrics</c> is served on the management listener (<c>telemetry.metrics</c>).</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>Where traces and metrics are sent (<c>telemetry.otlp</c>); null for nowhere.</summary>
    public OtlpOptions? Otlp { get; init; }

    /// <summary>The share of traces that are kept where the caller brings none, from 0 to 1 (<c>telemetry.sampling</c>).</summary>
    public double Sampling { get; init; } = 1;

    /// <summary>Whether traces go to the log too (<c>telemetry.stdout</c>).</summary>
    public bool Stdout { get; init; }

    /// <summary>The name of this service (<c>telemetry.serviceName</c>).</summary>
    public string ServiceName { get; init; } = "fairlead";

    /// <summary>Its version (<c>telemetry.serviceVersion</c>); null for the gateway's own.</summary>
    public string? ServiceVersion { get; init; }

    /// <summary>What else is said of it (<c>telemetry.attributes</c>).</summary>
    public ValueList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>Whether there are traces.</summary>
    public bool HasTraces => Stdout || Otlp is { Traces: true };
}

/// <summary>A collector that speaks OTLP.</summary>
internal sealed record OtlpOptions
{
    /// <summary>Where it is (<c>telemetry.otlp.endpoint</c>): over HTTP, without <c>/v1/traces</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Whether OTLP travels over HTTP (<c>telemetry.otlp.protocol: http/protobuf</c>), and not over gRPC.</summary>
    public bool IsHttp { get; init; }

    /// <summary>What is shown to it (<c>telemetry.otlp.headers</c>).</summary>
    public ValueList<OtlpHeader> Headers { get; init; } = [];

    /// <summary>The authorities of its certificate (<c>telemetry.otlp.caFile</c>); null for those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>Whether traces are sent there (<c>telemetry.otlp.signals</c>).</summary>
    public bool Traces { get; init; } = true;

    /// <summary>Whether metrics are sent there (<c>telemetry.otlp.signals</c>).</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>How often metrics are sent (<c>telemetry.otlp.interval</c>).</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>A header that a collector wants to see.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
internal sealed record OtlpHeader(string Name, Secret Value);
