namespace Fairlead.Forwarding;

/// <summary>
/// Bounds the wait for response headers: it runs while the upstream has to do something. While the client is to send the next piece of its
/// body it counts the client's silence instead.
/// </summary>
internal sealed class HeaderTimer(TimeSpan limit, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _source = new(limit, time);
    private readonly TimeSpan _limit = limit;
    private readonly Lock _lock = new();
    private bool _stopped;
    private bool _disposed;
    private bool _aborted;

    /// <summary>Cancelled when the limit is met, and when the request is aborted.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the limit was met.</summary>
    public bool IsExpired => _source.IsCancellationRequested && !_aborted;

    /// <summary>Ends the request, whatever it waits for.</summary>
    public void Abort()
    {
        lock (_lock)
        {
            if (!_disposed && !_source.IsCancellationRequested)
            {
                _aborted = true;
                // Whoever waits goes on elsewhere, not under this lock.
                _ = _source.CancelAsync();
            }
        }
    }

    /// <summary>The headers are there.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            if (!_aborted)
            {
                _source.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Whether the client had the next move, and did not make it.</summary>
    public bool IsBodySilent { get; private set; }

    /// <summary>The body of which each piece has a time of its own, which does not count as the upstream's.</summary>
    /// <param name="body">The client's body.</param>
    /// <param name="silence">How long it may be silent until the response headers are there; after them a stream may be for ever.</param>
    public Stream Watch(Stream body, TimeSpan silence) => new WatchedBody(body, this, silence);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            _disposed = true;
            _source.Dispose();
        }
    }

    private void Restart(TimeSpan after)
    {
        lock (_lock)
        {
            if (!_stopped && !_aborted)
            {
                _source.CancelAfter(after);
            }
        }
    }

    private sealed class WatchedBody(Stream body, HeaderTimer timer, TimeSpan silence) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            timer.IsBodySilent = true;
            timer.Restart(silence);
            var count = await body.ReadAsync(buffer, cancellationToken);
            timer.IsBodySilent = false;
            timer.Restart(timer._limit);
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
