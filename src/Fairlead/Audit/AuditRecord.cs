using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Services;

namespace Fairlead.Audit;

/// <summary>What happened to one request. Filled in by the gateway, closed exactly once (contract F52).</summary>
/// <param name="trail">Where it goes.</param>
/// <param name="http">The request: its target, peer and time are read when the record is closed.</param>
internal sealed class AuditRecord(AuditTrail trail, HttpContext http)
{
    private readonly DateTimeOffset _received = trail.Now;
    private bool _reserved;

    /// <summary>The door.</summary>
    public Door Door { get; set; }

    /// <summary>The caller; null where none was identified.</summary>
    public Caller? Caller { get; set; }

    /// <summary>The cluster's qualified name; null where none was found.</summary>
    public string? Cluster { get; set; }

    /// <summary>The action; null where the target could not be read.</summary>
    public KubernetesAction? Action { get; set; }

    /// <summary>The Service and the way to it; null at other doors, and where none was found.</summary>
    public ServiceDestination? Service { get; set; }

    /// <summary>The credential that travelled; null where none did.</summary>
    public UpstreamCredential? Credential { get; set; }

    /// <summary>The refusal; null for a forwarded request.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>How forwarding ended; null where it did not begin.</summary>
    public ForwardOutcome? Outcome { get; private set; }

    /// <summary>Whether forgetting the request would be worse than refusing it (decision 31).</summary>
    public bool IsCritical => Action is null or { IsLongRunning: true } or { Verb: not ("get" or "list" or "head" or "options") };

    /// <summary>Notes that the request was refused.</summary>
    public void Refused(Refusal refusal) => Refusal = refusal;

    /// <summary>Notes how forwarding ended.</summary>
    public void Ended(ForwardOutcome outcome) => Outcome = outcome;

    /// <summary>Takes a place in the trail, so that the record of a request that was sent upstream cannot be lost.</summary>
    /// <returns>Whether the request may go on.</returns>
    public bool TryReserve() => (_reserved = trail.TryReserve()) || !IsCritical;

    /// <summary>Hands the record over.</summary>
    /// <param name="status">The status that the client got.</param>
    public void Close(int status)
    {
        if (trail.IsOn)
        {
            trail.Write(AuditEvent.From(this, http, _received, trail.Now, status), _reserved);
        }
    }
}
