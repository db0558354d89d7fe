using System.Diagnostics;
using OpenTelemetry;

namespace Fairlead.Management.Tracing;

/// <summary>Writes each span to the log, a line each (<c>telemetry.stdout</c>).</summary>
/// <param name="logger">The log.</param>
internal sealed partial class LogSpanExporter(ILogger<LogSpanExporter> logger) : BaseExporter<Activity>
{
    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Activity> batch)
    {
        foreach (var span in batch)
        {
            var (trace, id, parent) = (span.TraceId.ToHexString(), span.SpanId.ToHexString(), span.ParentSpanId == default ? "-" : span.ParentSpanId.ToHexString());
            var attributes = string.Join(' ', span.TagObjects.Select(static tag => $"{tag.Key}={tag.Value}"));
            var milliseconds = span.Duration.TotalMilliseconds;
            LogSpan(span.DisplayName, span.Kind, trace, id, parent, milliseconds, attributes);
        }

        return ExportResult.Success;
    }

    [LoggerMessage(EventId = 901, Level = LogLevel.Information, Message = "Span {Name} ({Kind}), trace {Trace}, span {Span}, parent {Parent}, {Milliseconds} ms: {Attributes}")]
    private partial void LogSpan(string name, ActivityKind kind, string trace, string span, string parent, double milliseconds, string attributes);
}
