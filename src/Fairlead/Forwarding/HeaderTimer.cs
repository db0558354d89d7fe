namespace Fairlead.Forwarding;

/// <summary>
/// Bounds the wait for response headers: it runs while the upstream has to do something, and stands still while the client is
/// to send the next piece of its body.
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

    /// <summary>The body whose reading pauses this timer.</summary>
    public Stream Watch(Stream body) => new WatchedBody(body, this);

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

    private sealed class WatchedBody(Stream body, HeaderTimer timer) : Stream
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
            timer.Restart(Timeout.InfiniteTimeSpan);
            try
            {
                return await body.ReadAsync(buffer, cancellationToken);
            }
            finally
            {
                timer.Restart(timer._limit);
            }
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
