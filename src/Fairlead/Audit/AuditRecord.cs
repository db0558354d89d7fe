using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Credentials;
using Fairlead.Credentials.Impersonation;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Services;

namespace Fairlead.Audit;

/// <summary>What happened to one request. Filled in by the gateway, closed exactly once (contract F52).</summary>
internal sealed class AuditRecord
{
    // As long as an API server takes them.
    private const int LongestAuditId = 64;
    private const int ClientClosedRequest = 499;

    private readonly AuditTrail _trail;
    private readonly long _began;
    private bool _reserved;
    private bool _hasStarted;

    /// <summary>Opens one.</summary>
    /// <param name="trail">Where it goes.</param>
    /// <param name="http">The request: its target, peer and time are read when the record is closed.</param>
    public AuditRecord(AuditTrail trail, HttpContext http)
    {
        (_trail, Http, Received, _began) = (trail, http, trail.Time.GetUtcNow(), trail.Time.GetTimestamp());
        if (trail.IsOn)
        {
            Bytes.CountBodies(http);
        }
    }

    /// <summary>The request.</summary>
    public HttpContext Http { get; }

    /// <summary>When it came.</summary>
    public DateTimeOffset Received { get; }

    /// <summary>The time.</summary>
    public DateTimeOffset Now => _trail.Time.GetUtcNow();

    /// <summary>How long it has taken, whatever the clock says.</summary>
    public TimeSpan Duration => _trail.Time.GetElapsedTime(_began);

    /// <summary>The record's name: the same at the start and at the end of a stream.</summary>
    public Guid Id
    {
        get
        {
            if (field == default)
            {
                field = NewId();
            }

            return field;
        }
    }

    /// <summary>The door.</summary>
    public Door Door { get; set; }

    /// <summary>The caller; null where none was identified.</summary>
    public Caller? Caller { get; private set; }

    /// <summary>By what the caller is known; null where none was identified.</summary>
    public LoginKind? Login { get; private set; }

    /// <summary>The name of a cluster that the request gives; null for none.</summary>
    public string? RequestedCluster { get; set; }

    /// <summary>The cluster's qualified name; null where none was found.</summary>
    public string? Cluster { get; set; }

    /// <summary>The action; null where the target could not be read.</summary>
    public KubernetesAction? Action { get; set; }

    /// <summary>The upgrade that is asked for.</summary>
    public UpgradeKind Upgrade { get; set; }

    /// <summary>Who has decided; null where it did not come to that.</summary>
    public Judgement? Judgement { get; private set; }

    /// <summary>Whom the cluster sees instead of the owner of the credential; null where that is them.</summary>
    public ImpersonatedUser? ImpersonatedUser { get; private set; }

    /// <summary>The Service and the way to it; null at other doors, and where none was found.</summary>
    public ServiceDestination? Service { get; set; }

    /// <summary>The credential that travelled; null where none did.</summary>
    public UpstreamCredential? Credential { get; set; }

    /// <summary>The refusal; null for a forwarded request.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>How forwarding ended; null where it did not begin.</summary>
    public ForwardOutcome? Outcome { get; private set; }

    /// <summary>Why the gateway has ended the stream; null where it has not.</summary>
    public Refusal? EndedBy { get; private set; }

    /// <summary>The name of the cluster's own audit event of the request; null where it has said none.</summary>
    public string? ClusterAuditId { get; private set; }

    /// <summary>The file of the session's recording; null for none.</summary>
    public string? Recording { get; set; }

    /// <summary>Why a session that should have been is not recorded, or not to its end; null where it is.</summary>
    public string? NotRecorded { get; set; }

    /// <summary>What has passed between the gateway and the client.</summary>
    public ByteCounts Bytes { get; } = new();

    /// <summary>Whether forgetting the request would be worse than refusing it (decision 31).</summary>
    public bool IsCritical => Action is null or { IsLongRunning: true } or { Verb: not ("get" or "list" or "head" or "options") };

    /// <summary>Whether the client has gone before anything was sent: it has got no status.</summary>
    public bool HasNoAnswer => Outcome is ForwardOutcome.ClientGone && !Http.Response.HasStarted;

    /// <summary>Notes who calls.</summary>
    public void CalledBy(Identified identified) => (Caller, Login) = (identified.Caller, identified.Login);

    /// <summary>Notes who has signed in, or out, with a browser.</summary>
    public void CalledBy(Caller caller) => (Caller, Login) = (caller, LoginKind.Session);

    /// <summary>Notes what was decided.</summary>
    public void Decided(Authority authority)
    {
        if (authority.Identified is { } identified)
        {
            CalledBy(identified);
        }

        Cluster = authority.Cluster?.QualifiedName;
        Judgement = authority.Judgement;
        ImpersonatedUser = authority.Plan switch
        {
            CredentialPlan.Own { As: { } user } => user,
            CredentialPlan.Impersonated { User: var user } => user,
            _ => null,
        };
    }

    /// <summary>Notes that the request was refused.</summary>
    public void Refused(Refusal refusal) => Refusal = refusal;

    /// <summary>Notes how forwarding ended.</summary>
    public void Ended(ForwardOutcome outcome, Refusal? by = null) => (Outcome, EndedBy) = (outcome, by);

    /// <summary>Takes a place in the trail, so that the record of a request that was sent upstream cannot be lost.</summary>
    /// <returns>Whether the request may go on.</returns>
    public bool TryReserve() => (_reserved = _trail.TryReserve()) || !IsCritical;

    /// <summary>
    /// The client gets the upstream's answer. What may last for hours (a watch, a followed log, an upgraded connection) is recorded now, and once more at its end, as an API server
    /// does it.
    /// </summary>
    /// <param name="status">The status.</param>
    /// <param name="clusterAuditId">The API server's <c>Audit-Id</c>; null for none.</param>
    public void Answered(int status, string? clusterAuditId)
    {
        ClusterAuditId = clusterAuditId is { Length: <= LongestAuditId } ? clusterAuditId : null;
        if (_trail.IsOn && !_hasStarted && status is StatusCodes.Status101SwitchingProtocols or (>= 200 and < 300)
            && (Upgrade is not UpgradeKind.None || Action is { IsLongRunning: true, IsProxied: false, Verb: not "proxy" }))
        {
            _hasStarted = true;
            _trail.Write(this, AuditEvent.Started, status, _reserved);
        }
    }

    /// <summary>A version 4 UUID (RFC 9562 5.4) that is nobody's secret: the system's random numbers would cost more than the rest of the record.</summary>
    private static Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.Shared.NextBytes(bytes);
        (bytes[6], bytes[8]) = ((byte)((bytes[6] & 0x0F) | 0x40), (byte)((bytes[8] & 0x3F) | 0x80));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Hands the record over.</summary>
    public void Close()
    {
        if (_trail.IsOn)
        {
            var status = HasNoAnswer ? ClientClosedRequest : Http.Response.StatusCode;
            _trail.Write(this, AuditEvent.Complete, status, _reserved);
        }
    }
}
