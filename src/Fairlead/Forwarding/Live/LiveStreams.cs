using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Fairlead.Access;
using Fairlead.Configuration;
using Fairlead.Forwarding.Tunnels;

namespace Fairlead.Forwarding.Live;

/// <summary>
/// Ends streams with the authority that they were opened by (row T26, decision 17): again and again, each is asked for as if it came now, and one that would be refused
/// ends. Between two questions about a stream lies a third of <c>timeouts.revocation</c>, and an answer of a cluster is as old as that at most, so that a right
/// that was taken away ends its streams within the whole of it. Where nobody can say, a stream lives one more such time.
/// </summary>
/// <param name="authorizer">Says whether they may.</param>
/// <param name="state">What is in force.</param>
/// <param name="options">The configuration at start.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class LiveStreams(Authorizer authorizer, GatewayState state, GatewayOptions options, TimeProvider time, ILogger<LiveStreams> logger) : BackgroundService
{
    // So that the questions are spread over time, and those with the same answer are asked together.
    private const int Slots = 16;
    private const int AtOncePerCluster = 32;

    private readonly TimeSpan _bound = options.Timeouts.Revocation;
    private readonly StreamSlot[] _slots = [.. Enumerable.Range(0, Slots).Select(static _ => new StreamSlot())];
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _clusters = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private LiveStream? _newest;

    // The first of all streams that have a slot, or earlier, where that one is gone or was allowed again: nobody has to go through all of them before.
    private DateTimeOffset _firstExpiry = DateTimeOffset.MaxValue;
    private long _firstAllowed = long.MaxValue;

    /// <summary>Watches over a stream until it is disposed of.</summary>
    /// <param name="question">What was asked for.</param>
    /// <param name="authority">What the answer was.</param>
    /// <param name="timer">Ends the request.</param>
    /// <param name="tunnel">The client's end, where the connection may be upgraded.</param>
    public LiveStream Begin(AuthorityQuestion question, Authority authority, HeaderTimer timer, TunnelFeature? tunnel)
    {
        var stream = new LiveStream(this, question, authority, timer, tunnel, time.GetTimestamp());
        lock (_lock)
        {
            stream.Next = _newest;
            _newest?.Previous = stream;
            _newest = stream;
            if (_ends?.Invoke(stream) is true)
            {
                stream.End(_endsBecause!);
            }
        }

        return stream;
    }

    /// <summary>Forgets a stream.</summary>
    public void Remove(LiveStream stream)
    {
        lock (_lock)
        {
            if (stream.Slot is { } slot)
            {
                slot.Streams.TryRemove(stream, out _);
                return;
            }

            stream.Next?.Previous = stream.Previous;
            stream.Previous?.Next = stream.Next;
            _newest = ReferenceEquals(_newest, stream) ? stream.Next : _newest;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_bound / (3 * Slots), time);
        for (var turn = 0; await NextAsync(timer, stoppingToken); turn = (turn + 1) % Slots)
        {
            TakeInNew();
            EndOverdue();
            foreach (var (lane, streams) in _slots[turn].Begin())
            {
                _ = AskAsync(_slots[turn], lane, streams, stoppingToken);
            }
        }
    }

    private static async ValueTask<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Gives the new ones a place among those that are asked about together with them.</summary>
    private void TakeInNew()
    {
        lock (_lock)
        {
            for (var stream = _newest; stream is not null; stream = stream.Next)
            {
                stream.Slot = _slots[(uint)stream.Key.GetHashCode() % Slots];
                stream.Slot.Streams.TryAdd(stream, true);
                Note(stream);
            }

            _newest = null;
        }
    }

    /// <summary>Ends what has expired by itself, and what nobody could say anything about for too long.</summary>
    private void EndOverdue()
    {
        var (now, date) = (time.GetTimestamp(), time.GetUtcNow());
        if (_firstExpiry > date && !IsTooOld(_firstAllowed, now))
        {
            return;
        }

        (_firstExpiry, _firstAllowed) = (DateTimeOffset.MaxValue, long.MaxValue);
        foreach (var (stream, _) in _slots.SelectMany(static slot => slot.Streams))
        {
            if (stream.Identified.ExpiresAt <= date)
            {
                End(stream, new Refusal(RefusalReason.IllegalToken, "The login that this stream was opened with has expired"));
            }
            else if (IsTooOld(stream.AllowedAt, now))
            {
                End(stream, new Refusal(RefusalReason.ReviewUnavailable, "Nobody could say whether this stream is still allowed"));
            }
            else
            {
                Note(stream);
            }
        }
    }

    private void Note(LiveStream stream)
    {
        _firstExpiry = stream.Identified.ExpiresAt is { } expiry && expiry < _firstExpiry ? expiry : _firstExpiry;
        _firstAllowed = Math.Min(_firstAllowed, stream.AllowedAt);
    }

    private bool IsTooOld(long allowedAt, long now) => time.GetElapsedTime(allowedAt, now) >= _bound + _bound;

    private async Task AskAsync(StreamSlot slot, StreamLane lane, IReadOnlyList<LiveStream> streams, CancellationToken stoppingToken)
    {
        try
        {
            foreach (var same in streams.GroupBy(static stream => stream.Key))
            {
                await TryAskAsync([.. same], stoppingToken);
            }
        }
        finally
        {
            slot.Finish(lane);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A question that fails in whatever way is one without an answer: its streams end when they are overdue, and the others go on.")]
    private async Task TryAskAsync(LiveStream[] same, CancellationToken stoppingToken)
    {
        try
        {
            await AskAsync(same, stoppingToken);
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    private async Task AskAsync(LiveStream[] same, CancellationToken stoppingToken)
    {
        var first = same[0];
        using var patience = new CancellationTokenSource(_bound / 3, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stoppingToken);
        var turns = _clusters.GetOrAdd(first.Key.Cluster, static _ => new SemaphoreSlim(AtOncePerCluster));
        try
        {
            await turns.WaitAsync(either.Token);
            try
            {
                await AskAsync(first, same, either.Token);
            }
            finally
            {
                turns.Release();
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // No answer this time: who is asked about next should not wait for it.
        }
    }

    private async Task AskAsync(LiveStream first, LiveStream[] same, CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        var isUse = false;
        foreach (var stream in same)
        {
            isUse |= stream.TakeUse();
        }

        var authority = await authorizer.AskAgainAsync(first.Question, first.Identified, isUse, state.Current, cancellationToken);
        if (authority.Refusal is not { } refusal)
        {
            foreach (var stream in same)
            {
                stream.AllowedAt = asked;
            }
        }
        else if (refusal.Reason.Form().Status is < 500 and not 429)
        {
            foreach (var stream in same)
            {
                End(stream, refusal);
            }
        }
    }

    private void End(LiveStream stream, Refusal refusal)
    {
        if (stream.EndedBy is null)
        {
            LogEnded(stream.Question.Action, stream.Key.Cluster, refusal.Reason);
            stream.End(refusal);
        }
    }

    [LoggerMessage(EventId = 505, Level = LogLevel.Information, Message = "A stream has ended with its authority: {Action} on cluster {Cluster} ({Reason})")]
    private partial void LogEnded(KubernetesAction action, string cluster, RefusalReason reason);

    [LoggerMessage(EventId = 506, Level = LogLevel.Warning, Message = "Whether streams are still allowed could not be asked; they end when nobody can say for too long")]
    private partial void LogFailed(Exception exception);
}
