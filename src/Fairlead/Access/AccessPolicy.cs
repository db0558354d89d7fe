using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;

namespace Fairlead.Access;

/// <summary>The compiled allow rules: who may use the credentials that the gateway holds.</summary>
internal sealed class AccessPolicy
{
    private readonly CompiledRule[] _rules;

    /// <summary>Compiles <paramref name="rules"/>.</summary>
    public AccessPolicy(IReadOnlyList<AccessRule> rules) => _rules = [.. rules.Select(static rule => new CompiledRule(rule))];

    /// <summary>Whether some rule names the cluster for the caller (contract F13).</summary>
    public bool Knows(Caller.Portal caller, ClusterDefinition cluster)
    {
        foreach (var rule in _rules)
        {
            if (rule.AppliesTo(caller) && rule.Covers(cluster))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether some rule lets the caller do <paramref name="action"/> on the cluster.</summary>
    public bool Allows(Caller.Portal caller, ClusterDefinition cluster, KubernetesAction action)
    {
        foreach (var rule in _rules)
        {
            if (rule.AppliesTo(caller) && rule.Covers(cluster) && rule.Permits(action))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class CompiledRule(AccessRule rule)
    {
        private readonly NamePattern[] _clusters = [.. rule.Clusters.Select(static text => new NamePattern(text))];
        private readonly NamePattern[] _namespaces = [.. rule.Namespaces.Select(static text => new NamePattern(text))];
        private readonly NamePattern[] _resources = [.. rule.Resources.Select(static text => new NamePattern(text))];
        private readonly bool _allNamespaces = rule.Namespaces.Contains("*", StringComparer.Ordinal);
        private readonly bool _allResources = rule.Resources.Contains("*", StringComparer.Ordinal);
        private readonly bool _allVerbs = rule.Verbs.Contains("*", StringComparer.Ordinal);

        public bool AppliesTo(Caller.Portal caller)
        {
            foreach (var user in rule.Users)
            {
                if (string.Equals(user, caller.Subject, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            foreach (var group in rule.Groups)
            {
                foreach (var held in caller.Groups)
                {
                    if (string.Equals(group, held, StringComparison.Ordinal))
                    {
                        return true;
                    }
                }
            }

            return false;
        }

        public bool Covers(ClusterDefinition cluster)
        {
            foreach (var pattern in _clusters)
            {
                if (pattern.Matches(cluster.Name) || pattern.Matches(cluster.QualifiedName))
                {
                    return true;
                }
            }

            return false;
        }

        public bool Permits(KubernetesAction action)
        {
            if (!action.IsResourceRequest)
            {
                // Discovery is open to whoever may do anything on the cluster (decision 6).
                return IsDiscovery(action) || (_allResources && _allNamespaces && PermitsVerb(action.Verb));
            }

            return PermitsVerb(action.Verb)
                && (action.Namespace.Length == 0 ? _allNamespaces : Any(_namespaces, action.Namespace))
                && (_allResources || Any(_resources, action.QualifiedResource));
        }

        private bool PermitsVerb(string verb)
        {
            if (_allVerbs)
            {
                return true;
            }

            foreach (var allowed in rule.Verbs)
            {
                if (string.Equals(allowed, verb, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }

        private static bool Any(NamePattern[] patterns, string name)
        {
            foreach (var pattern in patterns)
            {
                if (pattern.Matches(name))
                {
                    return true;
                }
            }

            return false;
        }

        private static bool IsDiscovery(KubernetesAction action) =>
            action.Verb is "get" or "head"
            && (IsAtOrBelow(action.Path, "/api") || IsAtOrBelow(action.Path, "/apis")
                || IsAtOrBelow(action.Path, "/openapi") || IsAtOrBelow(action.Path, "/version"));

        private static bool IsAtOrBelow(string path, string root) =>
            path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] == '/');
    }
}
