using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;

namespace Fairlead.Audit;

/// <summary>
/// The audit trail: a bounded queue in front of a file of JSON lines. A place is reserved before a request is sent upstream;
/// while there is none, requests that change something and streams are refused (decision 31).
/// </summary>
internal sealed partial class AuditTrail(string? file, TimeProvider time, ILogger<AuditTrail> logger) : BackgroundService
{
    private const int Capacity = 8192;
    private const int MaximumBatch = 256;
    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _lastWrites = TimeSpan.FromSeconds(5);

    private readonly Channel<AuditEvent> _queue = Channel.CreateUnbounded<AuditEvent>(new UnboundedChannelOptions { SingleReader = true });
    private int _waiting;
    private long _dropped;
    private volatile bool _isFailing;

    /// <summary>How many records may wait to be written.</summary>
    public static int Places => Capacity;

    /// <summary>How many wait to be written.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>How many records were dropped.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Whether the last try to write has failed.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>Whether records are kept.</summary>
    public bool IsOn => file is not null;

    /// <summary>The time.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Opens a record.</summary>
    public AuditRecord Begin(HttpContext http) => new(this, http);

    /// <summary>
    /// Whether a request may begin: the writer keeps up. What was let in is always written, however long it runs; only records that wait to
    /// be written count, so that open streams take no place from others.
    /// </summary>
    public bool TryReserve() => !IsOn || Volatile.Read(ref _waiting) < Capacity;

    /// <summary>Queues a record; one that was not let in is dropped while the queue is half full.</summary>
    public void Write(AuditEvent record, bool reserved)
    {
        // What nobody was asked about, refusals above all, leaves room for what has happened.
        if (!reserved && Volatile.Read(ref _waiting) >= Capacity / 2)
        {
            Interlocked.Increment(ref _dropped);
            LogDropped();
            return;
        }

        Interlocked.Increment(ref _waiting);
        _queue.Writer.TryWrite(record);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } writer)
        {
            // Not bound by the host's own patience: the streams that used it up are the ones whose records are still to be written.
            await Task.WhenAny(writer, Task.Delay(_lastWrites, CancellationToken.None));
        }

        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (file is null)
        {
            return;
        }

        // A batch is what has come while the last one was written: one open file and one flush for all of it.
        var batch = new ArrayBufferWriter<byte>();
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var count = 0;
            for (; count < MaximumBatch && _queue.Reader.TryRead(out var record); count++)
            {
                batch.Write(JsonSerializer.SerializeToUtf8Bytes(record, AuditJson.Relaxed.AuditEvent));
                batch.Write("\n"u8);
            }

            bool written;
            while (!(written = await TryAppendAsync(batch.WrittenMemory)) && !stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(_retry, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (!written)
            {
                LogLost(count);
            }

            batch.ResetWrittenCount();
            Interlocked.Add(ref _waiting, -count);
        }
    }

    private async Task<bool> TryAppendAsync(ReadOnlyMemory<byte> lines)
    {
        try
        {
            await using var stream = new FileStream(file!, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            var end = stream.Length;
            try
            {
                await stream.WriteAsync(lines);
            }
            catch
            {
                // A full disk takes a part of the batch: without this the next try would go on behind a torn line and write the rest twice.
                stream.SetLength(end);
                throw;
            }

            _isFailing = false;
            return true;
        }
        catch (Exception exception)
        {
            // Of any kind (a file that has reached its largest size is an ArgumentOutOfRangeException): without its writer the trail would be none, and the host stops.
            _isFailing = true;
            LogFailing(exception);
            return false;
        }
    }
}
