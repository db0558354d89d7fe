using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Fairlead.Testing.Gateways;

/// <summary>Keeps everything that is logged, exceptions and structured values included.</summary>
internal sealed class LogRecorder : ILoggerProvider
{
    private readonly ConcurrentQueue<(int Id, LogLevel Level, string Text)> _lines = new();

    /// <summary>All lines.</summary>
    public IReadOnlyList<string> Lines => [.. _lines.Select(static line => line.Text)];

    /// <summary>All lines of a level or above.</summary>
    public IReadOnlyList<string> AtLeast(LogLevel level) => [.. _lines.Where(line => line.Level >= level).Select(static line => line.Text)];

    /// <summary>How often the event was logged.</summary>
    public int Count(int eventId) => _lines.Count(line => line.Id == eventId);

    /// <summary>Forgets everything, so that it is not measured as the gateway's memory.</summary>
    public void Clear() => _lines.Clear();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Recorder(LogRecorder owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            owner._lines.Enqueue((eventId.Id, logLevel, $"{logLevel} {category} {formatter(state, exception)} {exception}"));
    }
}
