using System.Runtime.CompilerServices;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;

namespace Fairlead.Access;

/// <summary>
/// The access rules in force. A deny rule wins over every allow rule, and holds on whatever credential; what no rule allows is refused where the gateway's
/// own credential would travel (decision 13).
/// </summary>
internal sealed class AccessPolicy
{
    private readonly CompiledRule[] _allowing;
    private readonly CompiledRule[] _denying;

    // By reference, and no longer than the definition itself: one that its source has changed is another cluster.
    private readonly ConditionalWeakTable<ClusterDefinition, Indexes> _indexes = [];

    /// <summary>Compiles <paramref name="rules"/>.</summary>
    public AccessPolicy(IReadOnlyList<AccessRule> rules)
    {
        _allowing = [.. rules.Where(static rule => !rule.Denies).Select(static rule => new CompiledRule(rule))];
        _denying = [.. rules.Where(static rule => rule.Denies).Select(static rule => new CompiledRule(rule))];
    }

    /// <summary>Whether some rule names the cluster for the caller (contract F13), and none denies everything there.</summary>
    public bool Knows(Caller.Portal caller, ClusterDefinition cluster) => IndexOf(cluster).Allowing.Names(caller) && !Hides(caller, cluster);

    /// <summary>Whether a rule denies the caller everything on the cluster: it is as if it did not exist.</summary>
    public bool Hides(Caller caller, ClusterDefinition cluster) =>
        _denying.Length > 0 && caller.IsKnown && IndexOf(cluster).Denying.Names(caller, totalOnly: true);

    /// <summary>Whether somebody has to be known by name before it can be said that no rule denies them <paramref name="action"/>.</summary>
    public bool MayDeny(ClusterDefinition cluster, KubernetesAction action) => _denying.Length > 0 && IndexOf(cluster).Denying.Find(action) is not null;

    /// <summary>The rule that denies the caller <paramref name="action"/>; null for none. Somebody unknown is denied what is denied to anybody.</summary>
    public CompiledRule? Denying(Caller caller, ClusterDefinition cluster, KubernetesAction action)
    {
        if (_denying.Length == 0)
        {
            return null;
        }

        var index = IndexOf(cluster).Denying;
        return caller.IsKnown ? index.Find(caller, action) : index.Find(action);
    }

    /// <summary>The rule that allows the caller <paramref name="action"/>, where none denies it; null for none.</summary>
    public CompiledRule? Allowing(Caller.Portal caller, ClusterDefinition cluster, KubernetesAction action) => IndexOf(cluster).Allowing.Find(caller, action);

    private Indexes IndexOf(ClusterDefinition cluster) =>
        _indexes.TryGetValue(cluster, out var found) ? found
        : _indexes.GetOrAdd(cluster, static (cluster, policy) => new Indexes(new RuleIndex(policy._allowing, cluster), new RuleIndex(policy._denying, cluster)), this);

    private sealed record Indexes(RuleIndex Allowing, RuleIndex Denying);
}
