using System.Globalization;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Doors;

namespace Fairlead.Recording;

/// <summary>Begins the recordings of sessions, before anything of them is sent upstream.</summary>
internal sealed partial class Recorder(TimeProvider time, ILogger<Recorder> logger)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Begins the recording of a request that may become a session.</summary>
    /// <param name="policy">Which sessions are recorded; null for none.</param>
    /// <param name="question">What is asked for.</param>
    /// <param name="authority">Who may do it, and where.</param>
    /// <param name="record">Its audit record.</param>
    /// <param name="refusal">Why the session may not begin; null where it may.</param>
    /// <returns>The recording; null where there is none.</returns>
    public SessionRecording? Begin(RecordingPolicy? policy, AuthorityQuestion question, Authority authority, AuditRecord record, out Refusal? refusal)
    {
        refusal = null;
        var need = policy?.NeedOf(authority.Identified!.Caller, authority.Cluster!.Definition, question.Action) ?? RecordingNeed.None;
        if (need is RecordingNeed.Impossible)
        {
            refusal = new Refusal(RefusalReason.RecordingRequired, "Sessions on this cluster are recorded, and commands that run behind nodes/proxy cannot be; use 'kubectl exec', 'attach' or 'debug'");
            return null;
        }

        // Without an upgrade an API server opens no session.
        if (need is RecordingNeed.None || question.Request.Upgrade is UpgradeKind.None)
        {
            return null;
        }

        var plan = Plan(policy!, question, authority, record, need);
        var recording = TryOpen(policy!, plan, question, authority);
        if (recording is null)
        {
            record.NotRecorded = "the recording could not be begun";
            refusal = !plan.IsRequired ? null : new Refusal(RefusalReason.RecordingUnavailable, "This session has to be recorded, and recordings cannot be written now; the gateway's log says why");
        }
        else if (question.Request.Upgrade is UpgradeKind.Spdy)
        {
            recording.Dispose();
            recording = null;
            record.NotRecorded = "SPDY";
            refusal = !plan.IsRequired ? null : new Refusal(
                RefusalReason.RecordingRequired,
                "This session has to be recorded, which SPDY cannot be; use kubectl 1.31 or newer, or set KUBECTL_REMOTE_COMMAND_WEBSOCKETS=true with kubectl 1.29 or 1.30");
        }

        return recording;
    }

    private RecordingPlan Plan(RecordingPolicy policy, AuthorityQuestion question, Authority authority, AuditRecord record, RecordingNeed need)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return new RecordingPlan(
            string.Create(CultureInfo.InvariantCulture, $"{now:yyyy-MM-dd}/{now:HH-mm-ss.fff}-{record.Id}.cast"),
            need is RecordingNeed.Required, policy.Options.Input, policy.Options.MaxSize ?? long.MaxValue, record);
    }

    private SessionRecording? TryOpen(RecordingPolicy policy, RecordingPlan plan, AuthorityQuestion question, Authority authority)
    {
        var path = Path.Combine(policy.Options.Folder, plan.Name);
        try
        {
            var folder = Path.GetDirectoryName(path)!;
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, OwnerOnly);
            }

            return new SessionRecording(CastFile.Create(path, Header(plan, question, authority)), plan, time, logger);
        }
        catch (Exception exception)
        {
            // Of any kind: a session that is not recorded is not one to begin.
            LogNotBegun(exception, plan.Name);
            return null;
        }
    }

    private CastHeader Header(RecordingPlan plan, AuthorityQuestion question, Authority authority)
    {
        var action = question.Action;
        var query = question.Request.Target.Query;
        var (user, cluster, container) = (authority.Identified!.Caller.Name, authority.Cluster!.Definition.QualifiedName, ActionQuery.First(query, "container"));
        var env = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FAIRLEAD_AUDIT_ID"] = plan.Record.Id.ToString(),
            ["FAIRLEAD_USER"] = user,
            ["FAIRLEAD_CLUSTER"] = cluster,
            ["FAIRLEAD_NAMESPACE"] = action.Namespace,
            ["FAIRLEAD_POD"] = action.Name,
            ["FAIRLEAD_ACTION"] = action.Subresource,
        };
        if (container is not null)
        {
            env["FAIRLEAD_CONTAINER"] = container;
        }

        return new CastHeader(
            time.GetUtcNow().ToUnixTimeSeconds(),
            $"{action.Subresource} {action.Namespace}/{action.Name}{(container is null ? "" : $" ({container})")} on {cluster} by {user}",
            plan.HasInput && action.Subresource is "exec" ? string.Join(' ', ActionQuery.All(query, "command")) : null,
            env);
    }

    [LoggerMessage(EventId = 810, Level = LogLevel.Error, Message = "The recording {Name} cannot be begun")]
    private partial void LogNotBegun(Exception exception, string name);
}
