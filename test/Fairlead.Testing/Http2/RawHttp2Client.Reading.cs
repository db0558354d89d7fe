using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Http2;

/// <content>The frames that arrive.</content>
public sealed partial class RawHttp2Client
{
    private async Task ReadFramesAsync()
    {
        try
        {
            while (await Http2Frame.ReadAsync(_reader, CancellationToken.None) is { } frame)
            {
                await HandleAsync(frame);
            }
        }
        catch (Exception exception)
        {
            Failure = exception;
        }

        var reset = _reader.EndedByReset == true;
        RawHttp2Exchange[] open;
        lock (_lock)
        {
            open = [.. _streams.Values];
            _closed.TrySetResult(reset ? ResponseEnd.Reset : ResponseEnd.Complete);
        }

        _settled.TrySetException(Failure ?? new IOException("The server closed the connection before its SETTINGS."));
        foreach (var stream in open)
        {
            stream.OnEnd(reset ? ResponseEnd.Reset : ResponseEnd.Truncated, GoAwayError);
        }
    }

    private async ValueTask HandleAsync(Http2Frame frame)
    {
        var stream = StreamOf(frame.StreamId);
        switch (frame.Type)
        {
            case Http2FrameType.Headers:
                var headers = _decoder.Decode(await BlockAsync(frame));
                stream?.OnHeaders(headers, frame.Has(Http2Frame.EndStream));
                break;
            case Http2FrameType.Data:
                // The connection's window always opens, so that one unread stream does not hold back the others.
                if (frame.Payload.Length > 0)
                {
                    await TryWriteAsync(Http2FrameType.WindowUpdate, 0, Http2Frame.NumberBytes((uint)frame.Payload.Length));
                }

                stream?.OnData(frame.Content.ToArray(), frame.Has(Http2Frame.EndStream));
                break;
            case Http2FrameType.ResetStream:
                stream?.OnEnd(ResponseEnd.Reset, frame.Number());
                break;
            case Http2FrameType.Settings when !frame.Has(Http2Frame.Ack):
                Apply(frame.Payload.Span);
                await WriteFrameAsync(Http2FrameType.Settings, Http2Frame.Ack, 0, default);
                _settled.TrySetResult();
                break;
            case Http2FrameType.Ping when !frame.Has(Http2Frame.Ack):
                await WriteFrameAsync(Http2FrameType.Ping, Http2Frame.Ack, 0, frame.Payload);
                break;
            case Http2FrameType.WindowUpdate:
                (frame.StreamId == 0 ? _sendWindow : stream?.SendWindow)?.Grow(frame.Number());
                break;
            case Http2FrameType.GoAway:
                OnGoAway((int)(frame.Number() & int.MaxValue), frame.Number(4));
                break;
            default:
                break;
        }
    }

    private async ValueTask<byte[]> BlockAsync(Http2Frame frame)
    {
        using var block = new MemoryStream();
        block.Write(frame.Content.Span);
        while (!frame.Has(Http2Frame.EndHeaders))
        {
            frame = await Http2Frame.ReadAsync(_reader, CancellationToken.None) ?? throw new InvalidDataException("A header block that was cut.");
            block.Write(frame.Payload.Span);
        }

        return block.ToArray();
    }

    private void Apply(ReadOnlySpan<byte> settings)
    {
        lock (_lock)
        {
            // A change applies to the open streams as well (RFC 9113 section 6.9.2).
            var before = _settings.InitialWindowSize;
            _settings.Apply(settings);
            foreach (var stream in _streams.Values)
            {
                stream.SendWindow.Grow((long)_settings.InitialWindowSize - before);
            }
        }
    }

    private void OnGoAway(int lastStreamId, uint error)
    {
        GoAwayError = error;
        RawHttp2Exchange[] unserved;
        lock (_lock)
        {
            unserved = [.. _streams.Values.Where(stream => stream.Id > lastStreamId)];
        }

        foreach (var stream in unserved)
        {
            stream.OnEnd(ResponseEnd.Truncated, error);
        }
    }

    private RawHttp2Exchange? StreamOf(int id)
    {
        lock (_lock)
        {
            return _streams.GetValueOrDefault(id);
        }
    }
}
