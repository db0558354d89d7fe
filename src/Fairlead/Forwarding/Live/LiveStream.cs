using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Forwarding.Tunnels;

namespace Fairlead.Forwarding.Live;

/// <summary>A stream that may outlive the right to it: a watch, a followed log, what is proxied, an upgraded connection.</summary>
/// <param name="owner">Who watches over it.</param>
/// <param name="question">What was asked for.</param>
/// <param name="authority">What the answer was.</param>
/// <param name="timer">Ends the request.</param>
/// <param name="tunnel">The client's end, where the connection may be upgraded.</param>
/// <param name="now">The time, as a timestamp.</param>
internal sealed class LiveStream(LiveStreams owner, AuthorityQuestion question, Authority authority, HeaderTimer timer, TunnelFeature? tunnel, long now) : IDisposable
{
    private readonly Lock _lock = new();
    private StreamKey? _key;
    private Task? _ending;
    private bool _isOver;

    /// <summary>What was asked for.</summary>
    public AuthorityQuestion Question => question;

    /// <summary>Who it was.</summary>
    public Identified Identified { get; } = authority.Identified!;

    /// <summary>What it has in common with streams that are asked about together. Most requests are over before anybody asks.</summary>
    public StreamKey Key => _key ??= new StreamKey(Identified.Proof, authority.Plan!.Key ?? default, authority.Cluster!.Definition.QualifiedName, question.Route.Door, question.Action);

    /// <summary>When it was last said that the caller may, as a timestamp.</summary>
    public long AllowedAt { get; set; } = now;

    /// <summary>Whether its client asks again by itself when it ends: watches do, and a session or a followed log does not.</summary>
    public bool ComesBack => question.Action.Verb is "watch" && !question.Action.IsProxied;

    /// <summary>Why the gateway has ended it; null while it has not.</summary>
    public Refusal? EndedBy { get; private set; }

    /// <summary>Whether the client was told, by a Close frame; otherwise what has begun is reset.</summary>
    public bool WasTold { get; private set; }

    /// <summary>The neighbours in the list of those that nobody has asked about.</summary>
    public LiveStream? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    public LiveStream? Next { get; set; }

    /// <summary>Those that are asked about at the same time; null before the first time.</summary>
    public StreamSlot? Slot { get; set; }

    /// <summary>Whether the client has sent anything since this was asked last.</summary>
    public bool TakeUse() => tunnel?.Tunnel is { } open && open.TakeUse();

    /// <summary>Ends it; once.</summary>
    public void End(Refusal refusal)
    {
        lock (_lock)
        {
            if (EndedBy is null && !_isOver)
            {
                EndedBy = refusal;
                _ending = EndAsync(refusal);
            }
        }
    }

    /// <summary>Waits until an end that has begun is over, so that the client can read its reason.</summary>
    public Task FinishAsync()
    {
        lock (_lock)
        {
            _isOver = true;
            return _ending ?? Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => owner.Remove(this);

    private async Task EndAsync(Refusal refusal)
    {
        // Off the thread that goes through all streams: a slow client is no reason to be late for the next.
        await Task.Yield();
        if (tunnel?.Tunnel is { } open && await open.TryEndAsync(refusal.Message, refusal.Reason is RefusalReason.Stopping ? ClientTunnel.GoingAway : ClientTunnel.PolicyViolation))
        {
            WasTold = true;
            await open.LingerAsync();
        }

        timer.Abort();
    }
}

/// <summary>Streams of which one question is asked for all.</summary>
/// <param name="Proof">What the caller showed.</param>
/// <param name="Judged">Whom the cluster judges; the default where the gateway does.</param>
/// <param name="Cluster">The cluster's qualified name.</param>
/// <param name="Door">The door.</param>
/// <param name="Action">The action.</param>
internal sealed record StreamKey(TokenHash Proof, TokenHash Judged, string Cluster, Doors.Door Door, KubernetesAction Action);
