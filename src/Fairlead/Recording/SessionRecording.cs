namespace Fairlead.Recording;

/// <summary>
/// The recording of one session: a tee of what passes between client and cluster. Where it is required, nothing passes that is not recorded; otherwise a recording
/// that fails ends, and the session goes on.
/// </summary>
internal sealed partial class SessionRecording : IDisposable
{
    private const int StandardInput = 0;
    private const int ErrorStatus = 3;
    private const int TerminalResize = 4;

    private readonly Lock _lock = new();
    private readonly CastFile _file;
    private readonly RecordingPlan _plan;
    private readonly TimeProvider _time;
    private readonly ILogger<Recorder> _logger;
    private readonly long _began;
    private readonly ResizeMessage _resize = new();
    private WebSocketMessageReader? _toClient;
    private WebSocketMessageReader? _fromClient;
    private Action<Refusal>? _end;
    private bool _hasFailed;

    /// <summary>Takes over a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="plan">What it is for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public SessionRecording(CastFile file, RecordingPlan plan, TimeProvider time, ILogger<Recorder> logger)
    {
        (_file, _plan, _time, _logger, _began) = (file, plan, time, logger, time.GetTimestamp());
    }

    /// <summary>Says how to end the session, where it has to.</summary>
    public void EndWith(Action<Refusal> end) => _end = end;

    /// <summary>The cluster has upgraded the connection.</summary>
    /// <param name="protocol">The sub-protocol that it has chosen.</param>
    /// <param name="extensions">The extensions that it has chosen, of which none was offered; null for none.</param>
    /// <returns>Whether the session may begin.</returns>
    public bool TryUse(string? protocol, string? extensions)
    {
        var kind = ChannelProtocols.Of(protocol);
        if (kind is ChannelProtocol.Unknown || extensions is not null)
        {
            _plan.Record.NotRecorded = "its WebSocket sub-protocol or extension is not known here";
            return !_plan.IsRequired;
        }

        _plan.Record.Recording = _plan.Name;
        _toClient = new WebSocketMessageReader(new ChannelReader(kind, Shown));
        _fromClient = new WebSocketMessageReader(new ChannelReader(kind, Typed), isStrict: _plan.HasInput);
        return true;
    }

    /// <summary>Bytes are about to go to the client.</summary>
    /// <returns>Whether they may.</returns>
    public bool ToClient(ReadOnlySpan<byte> bytes) => Take(_toClient, bytes);

    /// <summary>Bytes have come from the client.</summary>
    /// <returns>Whether they may go on.</returns>
    public bool FromClient(ReadOnlySpan<byte> bytes) => Take(_fromClient, bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_toClient is null)
            {
                // The cluster has refused the session, or could not be reached.
                _file.Discard();
            }

            _file.Dispose();
            _hasFailed = true;
        }
    }

    private bool Take(WebSocketMessageReader? reader, ReadOnlySpan<byte> bytes)
    {
        if (reader is null)
        {
            return true;
        }

        lock (_lock)
        {
            if (!_hasFailed)
            {
                TryTake(reader, bytes);
            }

            return !(_hasFailed && _plan.IsRequired);
        }
    }

    private void TryTake(WebSocketMessageReader reader, ReadOnlySpan<byte> bytes)
    {
        try
        {
            reader.Read(bytes);
            if (_file.Length > _plan.MaxSize)
            {
                throw new IOException("it has reached recording.maxSize");
            }
        }
        catch (Exception exception)
        {
            // Of any kind: a file that may not grow is an ArgumentOutOfRangeException.
            _hasFailed = true;
            _plan.Record.NotRecorded = "the recording failed before the session's end";
            LogFailed(_logger, exception, _plan.Name, _plan.IsRequired ? "ends" : "goes on");
            if (_plan.IsRequired)
            {
                _end?.Invoke(new Refusal(RefusalReason.RecordingUnavailable, "This session can no longer be recorded, and has ended"));
            }
        }
    }

    private void Shown(int channel, ReadOnlySpan<byte> bytes, bool isLast)
    {
        // What is not the command's exit status is shown, on whatever channel.
        if (channel is not ErrorStatus && !bytes.IsEmpty)
        {
            _file.Text(Now, "o", channel, bytes);
        }
    }

    private void Typed(int channel, ReadOnlySpan<byte> bytes, bool isLast)
    {
        if (channel is TerminalResize)
        {
            if (_resize.Take(bytes, isLast) is { } size)
            {
                _file.Resize(Now, size.Width, size.Height);
            }
        }
        else if (_plan.HasInput && channel is StandardInput && !bytes.IsEmpty)
        {
            _file.Text(Now, "i", channel, bytes);
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_began);

    [LoggerMessage(EventId = 811, Level = LogLevel.Error, Message = "The recording {Name} cannot be written; its session {What}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string name, string what);
}
