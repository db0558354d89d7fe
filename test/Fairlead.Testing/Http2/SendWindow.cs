namespace Fairlead.Testing.Http2;

/// <summary>How much may still be sent, on a stream or on a connection (RFC 9113 section 5.2).</summary>
internal sealed class SendWindow(long size)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _size = size;

    public void Grow(long by)
    {
        lock (_lock)
        {
            _size += by;
            _grown.TrySetResult();
            _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Waits until something may be sent, and takes at most <paramref name="wanted"/> of it.</summary>
    public async ValueTask<int> TakeAsync(int wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grown;
            lock (_lock)
            {
                if (_size > 0)
                {
                    var taken = (int)Math.Min(wanted, _size);
                    _size -= taken;
                    return taken;
                }

                grown = _grown.Task;
            }

            await grown.WaitAsync(cancellationToken);
        }
    }
}
