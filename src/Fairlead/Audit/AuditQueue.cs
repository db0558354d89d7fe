using System.Threading.Channels;
using Fairlead.Configuration;

namespace Fairlead.Audit;

/// <summary>The records that wait for one sink, and their writer. A sink that stands still keeps no other one waiting.</summary>
/// <param name="sink">Where they go.</param>
/// <param name="options">How many may wait.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class AuditQueue(IAuditSink sink, AuditOptions options, TimeProvider time, ILogger<AuditTrail> logger)
{
    // A file that is opened, written and closed for each record would cost more than the record's request.
    private static readonly TimeSpan _gathering = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Channel<AuditBatch> _batches = Channel.CreateUnbounded<AuditBatch>();
    private AuditBatch? _open;
    private int _waiting;
    private long _dropped;
    private long _reported;
    private volatile bool _isFailing;

    /// <summary>How many wait to be written.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>How many were dropped so far.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Whether the last try to write has failed.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>Whether the writer keeps up. Only records that wait to be written count, so that open streams take no place from others.</summary>
    public bool HasRoom => Waiting < options.Queue;

    /// <summary>Queues a record, or drops it where it is one of those that may be.</summary>
    /// <param name="line">The record.</param>
    /// <param name="isReserved">Whether its request was let in with a place for it: then it is always taken, however long that has been.</param>
    public void Add(ReadOnlySpan<byte> line, bool isReserved)
    {
        // What nobody was asked about, refusals above all, leaves room for what has happened.
        var most = !isReserved ? options.Queue / 2 : options.ForgetsWhenFull ? options.Queue : int.MaxValue;
        if (Waiting >= most)
        {
            if (Interlocked.Increment(ref _dropped) == Interlocked.Read(ref _reported) + 1)
            {
                LogDropping(sink.Name);
            }
        }
        else if (!TryAdd(line))
        {
            // The process has ended but for this request.
            LogLost(1, sink.Name);
        }
    }

    /// <summary>No more will come.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _open = null;
            _batches.Writer.TryComplete();
        }
    }

    /// <summary>Says how many are lost when the process ends now.</summary>
    public void GiveUp()
    {
        if (Waiting is > 0 and var count)
        {
            LogLost(count, sink.Name);
        }
    }

    /// <summary>Writes until <see cref="Complete"/>.</summary>
    /// <param name="stoppingToken">From then on each batch has one try.</param>
    public async Task WriteAsync(CancellationToken stoppingToken)
    {
        while (await _batches.Reader.WaitToReadAsync(CancellationToken.None))
        {
            if (Waiting < options.Queue / 4)
            {
                await Task.Delay(_gathering, TimeProvider.System, CancellationToken.None);
            }

            for (var count = CloseAll(); count > 0 && _batches.Reader.TryRead(out var batch); count--)
            {
                bool written;
                while (!(written = await TryAppendAsync(batch.Lines)) && !stoppingToken.IsCancellationRequested)
                {
                    await Task.Delay(_retry, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                if (!written)
                {
                    // The process ends. What a sink has taken of this batch cannot be taken back, so that nothing may follow it.
                    GiveUp();
                    return;
                }

                Interlocked.Add(ref _waiting, -batch.Count);
                batch.Release();
                var dropped = Dropped;
                if (dropped > _reported)
                {
                    LogDropped(dropped - _reported, sink.Name);
                    Interlocked.Exchange(ref _reported, dropped);
                }
            }
        }
    }

    private bool TryAdd(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            if (_open?.TryAdd(line) is not true)
            {
                var batch = new AuditBatch(line);
                if (!_batches.Writer.TryWrite(batch))
                {
                    batch.Release();
                    return false;
                }

                _open = batch;
            }

            Interlocked.Increment(ref _waiting);
            return true;
        }
    }

    /// <summary>Nothing is added any more to the batches that there are.</summary>
    /// <returns>How many there are.</returns>
    private int CloseAll()
    {
        lock (_lock)
        {
            _open = null;
            return _batches.Reader.Count;
        }
    }

    private async Task<bool> TryAppendAsync(ReadOnlyMemory<byte> lines)
    {
        try
        {
            await sink.AppendAsync(lines);
            _isFailing = false;
            return true;
        }
        catch (Exception exception)
        {
            // Of any kind (a file that has reached its largest size is an ArgumentOutOfRangeException): without its writer the trail would be none, and the host stops.
            _isFailing = true;
            LogFailing(exception, sink.Name);
            return false;
        }
    }

    [LoggerMessage(EventId = 501, Level = LogLevel.Error, Message = "The audit {Sink} cannot be written; it is tried again each second, and what happens when the queue is full, audit.whenFull says")]
    private partial void LogFailing(Exception exception, string sink);

    [LoggerMessage(EventId = 502, Level = LogLevel.Warning, Message = "The audit queue is full, and records are dropped ({Sink})")]
    private partial void LogDropping(string sink);

    [LoggerMessage(EventId = 503, Level = LogLevel.Error, Message = "The process ends, and {Count} audit records could not be written ({Sink})")]
    private partial void LogLost(int count, string sink);

    [LoggerMessage(EventId = 803, Level = LogLevel.Warning, Message = "{Count} audit records were dropped while the queue was full ({Sink})")]
    private partial void LogDropped(long count, string sink);
}
