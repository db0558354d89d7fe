using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;

namespace Fairlead.Recording;

/// <summary>
/// Which sessions are recorded, by the parsed action and never by a pattern of paths. A session is an <c>exec</c> or <c>attach</c> of a pod; a kubelet behind
/// <c>nodes/proxy</c> runs commands as well, of which nobody sees the session, so that where recordings are required nothing passes there.
/// </summary>
internal sealed class RecordingPolicy
{
    private static readonly string[] _everything = ["*"];
    private static readonly string[] _sessions = ["pods/exec", "pods/attach"];
    private static readonly string[] _kubelets = ["nodes/proxy"];

    private readonly AccessPolicy _required;
    private readonly AccessPolicy _wanted;
    private readonly AccessPolicy _kubelet;

    /// <summary>Compiles the rules.</summary>
    public RecordingPolicy(RecordingOptions options)
    {
        Options = options;
        _required = Compile(options.Rules.Where(static rule => rule.IsRequired), static rule => rule with { Resources = _sessions });
        _wanted = Compile(options.Rules, static rule => rule with { Resources = _sessions });
        _kubelet = Compile(options.Rules.Where(static rule => rule.IsRequired), static rule => rule with { Resources = _kubelets, Namespaces = _everything });
    }

    /// <summary>How they are recorded.</summary>
    public RecordingOptions Options { get; }

    /// <summary>What is asked of a request.</summary>
    public RecordingNeed NeedOf(Caller caller, ClusterDefinition cluster, KubernetesAction action) =>
        IsKubelet(action) ? _kubelet.Denying(caller, cluster, action with { Subresource = "proxy" }) is null ? RecordingNeed.None : RecordingNeed.Impossible
        : action is not { IsResourceRequest: true, ApiGroup: "", Resource: "pods", Subresource: "exec" or "attach" } ? RecordingNeed.None
        : _required.Denying(caller, cluster, action) is not null ? RecordingNeed.Required
        : _wanted.Denying(caller, cluster, action) is not null ? RecordingNeed.Wanted
        : RecordingNeed.None;

    // The old way, /api/v1/proxy/nodes/..., has no sub-resource, and with an upgrade another verb.
    private static bool IsKubelet(KubernetesAction action) =>
        action is { IsResourceRequest: true, ApiGroup: "", Resource: "nodes" }
        && (action.IsProxied || action.Verb is "proxy" || action is { Verb: "create", Subresource: "", Name.Length: > 0, IsLongRunning: true });

    private static AccessPolicy Compile(IEnumerable<RecordingRule> rules, Func<AccessRule, AccessRule> about) =>
        new([.. rules.Select(rule => about(rule.Sessions) with { Verbs = _everything })]);
}

/// <summary>Whether a request is recorded.</summary>
internal enum RecordingNeed
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>It is where it can be.</summary>
    Wanted,

    /// <summary>It is, or is refused.</summary>
    Required,

    /// <summary>It would have to be, and nobody can.</summary>
    Impossible,
}
