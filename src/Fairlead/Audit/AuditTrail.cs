using Fairlead.Configuration;

namespace Fairlead.Audit;

/// <summary>
/// The audit trail: a bounded queue in front of each sink. A place is reserved before a request is sent upstream; while there is none, requests that change something and
/// streams are refused (decision 31), unless <c>audit.whenFull</c> is <c>forget</c>.
/// </summary>
/// <param name="options">The configuration.</param>
/// <param name="sinks">Where records go; none when none are kept.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class AuditTrail(AuditOptions options, IReadOnlyList<IAuditSink> sinks, TimeProvider time, ILogger<AuditTrail> logger) : BackgroundService
{
    private static readonly TimeSpan _lastWrites = TimeSpan.FromSeconds(5);

    private readonly AuditQueue[] _queues = [.. sinks.Select(sink => new AuditQueue(sink, options, time, logger))];

    /// <summary>The trail of a configuration.</summary>
    public static AuditTrail For(AuditOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var sinks = new List<IAuditSink>();
        if (options.File is not null)
        {
            sinks.Add(FileAuditSink.For(options, time, loggers.CreateLogger<RotatedFiles>()));
        }

        if (options.Stdout)
        {
            sinks.Add(DescriptorAuditSink.StandardOutput());
        }

        return new AuditTrail(options, sinks, time, loggers.CreateLogger<AuditTrail>());
    }

    /// <summary>Whether records are kept.</summary>
    public bool IsOn => _queues.Length > 0;

    /// <summary>How many records may wait to be written.</summary>
    public int Places => options.Queue;

    /// <summary>How many wait, at the sink where most do.</summary>
    public int Waiting => _queues.Max(static queue => queue.Waiting);

    /// <summary>How many records were dropped, at all sinks.</summary>
    public long Dropped => _queues.Sum(static queue => queue.Dropped);

    /// <summary>Whether the last try to write has failed at a sink.</summary>
    public bool IsFailing => Array.Exists(_queues, static queue => queue.IsFailing);

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Opens a record.</summary>
    public AuditRecord Begin(HttpContext http) => new(this, http);

    /// <summary>Whether a request may begin: every writer keeps up. What was let in is always written.</summary>
    public bool TryReserve()
    {
        foreach (var queue in _queues)
        {
            if (!options.ForgetsWhenFull && !queue.HasRoom)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Queues a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="stage">Where the request stands.</param>
    /// <param name="status">The status that the client gets.</param>
    /// <param name="isReserved">Whether its request was let in with a place for it.</param>
    public void Write(AuditRecord record, string stage, int status, bool isReserved)
    {
        var line = AuditLine.Of(record, stage, status);
        foreach (var queue in _queues)
        {
            queue.Add(line, isReserved);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in _queues)
        {
            queue.Complete();
        }

        if (ExecuteTask is { } writers)
        {
            // Not bound by the host's own patience: the streams that used it up are the ones whose records are still to be written.
            await Task.WhenAny(writers, Task.Delay(_lastWrites, CancellationToken.None));
        }

        await base.StopAsync(cancellationToken);
        if (ExecuteTask is { IsCompleted: false })
        {
            foreach (var queue in _queues)
            {
                queue.GiveUp();
            }
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        // Each on its own thread of the pool: a write to a pipe that nobody reads holds it.
        Task.WhenAll(_queues.Select(queue => Task.Run(() => queue.WriteAsync(stoppingToken), CancellationToken.None)));
}
