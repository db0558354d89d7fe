using System.Diagnostics.Tracing;
using System.Globalization;

namespace Fairlead.Management;

/// <summary>Says in the gateway's own log what the exporters of traces and metrics complain about: a collector that is away would otherwise be away in silence. Once a minute at most.</summary>
internal sealed partial class TelemetryLog : EventListener
{
    private const string Sources = "OpenTelemetry-";
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long? _saidAt;

    /// <summary>Listens.</summary>
    public TelemetryLog(TimeProvider time, ILogger<TelemetryLog> logger)
    {
        (_time, _logger) = (time, logger);
        // The base class has asked about those that were there before the fields were.
        foreach (var source in EventSource.GetSources())
        {
            OnEventSourceCreated(source);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (_logger is not null && eventSource.Name.StartsWith(Sources, StringComparison.Ordinal))
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            if (_saidAt is { } said && _time.GetElapsedTime(said, now) < _pause)
            {
                return;
            }

            _saidAt = now;
        }

        // The first line only: some hold a whole exception.
        var text = string.Format(CultureInfo.InvariantCulture, eventData.Message ?? eventData.EventName ?? "", [.. eventData.Payload ?? (IEnumerable<object?>)[]]);
        LogTrouble(text.Split('\n')[0]);
    }

    [LoggerMessage(EventId = 902, Level = LogLevel.Warning, Message = "Traces or metrics could not be handed on: {Problem}")]
    private partial void LogTrouble(string problem);
}
