using System.Text.Json;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Doors;
using Fairlead.Forwarding;

namespace Fairlead.Management.Metrics;

/// <summary>
/// The labels of metrics and their values: closed sets, made once. Nothing that a client sends is ever one (row T74): no path, name, method or user agent, and no status but
/// its class.
/// </summary>
internal static class MetricTags
{
    /// <summary>The qualified name of a cluster; <see cref="ClusterSeries"/> bounds it.</summary>
    public const string Cluster = "k8s.cluster.name";

    /// <summary>The door.</summary>
    public const string Door = "fairlead.door";

    /// <summary>Whether something is read or changed.</summary>
    public const string Verb = "fairlead.verb";

    /// <summary>How a request has ended.</summary>
    public const string Outcome = "fairlead.outcome";

    /// <summary>The class of the status that the client got.</summary>
    public const string StatusClass = "fairlead.status_class";

    /// <summary>What a stream is.</summary>
    public const string Stream = "fairlead.stream";

    /// <summary>Why something went wrong.</summary>
    public const string Error = "error.type";

    /// <summary>What came of something.</summary>
    public const string Result = "fairlead.result";

    /// <summary>No value is known.</summary>
    public const string None = "none";

    private static readonly string[] _doors = NamesOf<Door>();
    private static readonly string[] _reasons = NamesOf<RefusalReason>();
    private static readonly string[] _outcomes = NamesOf<ForwardOutcome>();
    private static readonly string[] _judges = NamesOf<Judge>();
    private static readonly string[] _streamClasses = NamesOf<StreamClass>();
    private static readonly string[] _statusClasses = [None, "1xx", "2xx", "3xx", "4xx", "5xx"];

    /// <summary>The value for <paramref name="door"/>.</summary>
    public static string Of(Door door) => _doors[(int)door];

    /// <summary>The value for <paramref name="reason"/>.</summary>
    public static string Of(RefusalReason reason) => _reasons[(int)reason];

    /// <summary>The value for <paramref name="judge"/>.</summary>
    public static string Of(Judge judge) => _judges[(int)judge];

    /// <summary>The value for <paramref name="streamClass"/>.</summary>
    public static string Of(StreamClass streamClass) => _streamClasses[(int)streamClass];

    /// <summary>The value for <paramref name="outcome"/>.</summary>
    public static string Of(ForwardOutcome outcome) => _outcomes[(int)outcome];

    /// <summary>The class of a status; <see cref="None"/> for one that there is no class for.</summary>
    public static string StatusClassOf(int status) => _statusClasses[status is >= 100 and < 600 ? status / 100 : 0];

    /// <summary>How a request has ended.</summary>
    public static string OutcomeOf(AuditRecord record) => record switch
    {
        { Outcome: ForwardOutcome.Revoked } => Of(ForwardOutcome.Revoked),
        { Refusal: { } refusal } => refusal.Reason.Form().Layer is "upstream" ? Of(ForwardOutcome.Failed) : "refused",
        { Outcome: { } outcome } => Of(outcome),
        _ => Of(ForwardOutcome.Complete),
    };

    /// <summary>Whether something is read or changed; <see cref="None"/> where it is neither.</summary>
    public static string VerbOf(KubernetesAction? action) => action?.Verb switch
    {
        null => None,
        "get" or "list" or "watch" or "head" or "options" => "read",
        _ => "write",
    };

    /// <summary>The names of an enumeration's members, as labels are written.</summary>
    public static string[] NamesOf<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
}
