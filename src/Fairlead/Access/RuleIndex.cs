using System.Collections.Frozen;
using Fairlead.Callers;
using Fairlead.Clusters;

namespace Fairlead.Access;

/// <summary>
/// The rules that speak of one cluster, so arranged that a request looks at those only that name its caller and its namespace: a thousand rules cost it
/// no more than a few.
/// </summary>
internal sealed class RuleIndex
{
    private readonly FrozenDictionary<string, Shelf> _byUser;
    private readonly FrozenDictionary<string, Shelf> _byGroup;
    private readonly Shelf _others;
    private readonly CompiledRule[] _all;

    /// <summary>Arranges those of <paramref name="rules"/> that cover <paramref name="cluster"/>.</summary>
    public RuleIndex(IEnumerable<CompiledRule> rules, ClusterDefinition cluster)
    {
        _all = [.. rules.Where(rule => rule.Covers(cluster))];
        var exact = _all.Where(static rule => rule.HasExactSubjects).ToArray();
        _byUser = Shelves(exact, static rule => rule.Rule.Users);
        _byGroup = Shelves(exact, static rule => rule.Rule.Groups);
        _others = new Shelf(_all.Where(static rule => !rule.HasExactSubjects));
    }

    /// <summary>Whether there is any rule.</summary>
    public bool IsEmpty => _all.Length == 0;

    /// <summary>Whether some rule has the caller among its subjects.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="totalOnly">Whether only rules that speak of everything count.</param>
    public bool Names(Caller caller, bool totalOnly = false)
    {
        foreach (var rule in _all)
        {
            if ((!totalOnly || rule.IsTotal) && rule.AppliesTo(caller))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A rule that speaks of <paramref name="action"/> and has the caller among its subjects; null for none.</summary>
    public CompiledRule? Find(Caller caller, KubernetesAction action)
    {
        var verb = VerbSet.BitOf(action.Verb);
        if (_byUser.TryGetValue(caller.Name, out var shelf) && shelf.Find(caller, action, verb, isNamed: true) is { } byUser)
        {
            return byUser;
        }

        if (_byGroup.Count > 0)
        {
            // By index: an enumerator of the interface would be allocated.
            var groups = caller.Groups;
            for (var i = 0; i < groups.Count; i++)
            {
                if (_byGroup.TryGetValue(groups[i], out shelf) && shelf.Find(caller, action, verb, isNamed: true) is { } byGroup)
                {
                    return byGroup;
                }
            }
        }

        return _others.Find(caller, action, verb, isNamed: false);
    }

    /// <summary>A rule that speaks of <paramref name="action"/>, whoever its subjects are; null for none.</summary>
    public CompiledRule? Find(KubernetesAction action)
    {
        var verb = VerbSet.BitOf(action.Verb);
        return Array.Find(_all, rule => rule.Matches(action, verb));
    }

    private static FrozenDictionary<string, Shelf> Shelves(IEnumerable<CompiledRule> rules, Func<CompiledRule, IEnumerable<string>> names) => rules
        .SelectMany(rule => names(rule).Distinct(StringComparer.Ordinal).Select(name => (name, rule)))
        .GroupBy(static pair => pair.name, static pair => pair.rule, StringComparer.Ordinal)
        .ToFrozenDictionary(static group => group.Key, static group => new Shelf(group), StringComparer.Ordinal);

    /// <summary>Rules of the same subject, those of single namespaces by their namespace.</summary>
    private sealed class Shelf
    {
        private readonly CompiledRule[] _all;
        private readonly CompiledRule[] _anywhere;
        private readonly FrozenDictionary<string, CompiledRule[]> _byNamespace;

        public Shelf(IEnumerable<CompiledRule> rules)
        {
            _all = [.. rules];
            _anywhere = [.. _all.Where(static rule => !rule.HasExactNamespaces)];
            _byNamespace = _all.Where(static rule => rule.HasExactNamespaces)
                .SelectMany(static rule => rule.Rule.Namespaces.Distinct(StringComparer.Ordinal).Select(name => (name, rule)))
                .GroupBy(static pair => pair.name, static pair => pair.rule, StringComparer.Ordinal)
                .ToFrozenDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal);
        }

        public CompiledRule? Find(Caller caller, KubernetesAction action, int verb, bool isNamed)
        {
            if (!action.IsResourceRequest || action.Namespace.Length == 0)
            {
                return Find(_all, caller, action, verb, isNamed);
            }

            return (_byNamespace.TryGetValue(action.Namespace, out var here) ? Find(here, caller, action, verb, isNamed) : null)
                ?? Find(_anywhere, caller, action, verb, isNamed);
        }

        private static CompiledRule? Find(CompiledRule[] rules, Caller caller, KubernetesAction action, int verb, bool isNamed)
        {
            foreach (var rule in rules)
            {
                if (rule.Matches(action, verb) && (isNamed ? rule.HasClaims(caller) : rule.AppliesTo(caller)))
                {
                    return rule;
                }
            }

            return null;
        }
    }
}
