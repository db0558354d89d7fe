using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;

namespace Fairlead.Access;

/// <summary>
/// An access rule, ready to be asked. A deny rule also keeps callers from what would reach the thing that it names together with others: a list over all
/// namespaces, or of all objects.
/// </summary>
internal sealed class CompiledRule(AccessRule rule)
{
    private readonly NamePattern[] _users = Compile(rule.Users);
    private readonly NamePattern[] _groups = Compile(rule.Groups);
    private readonly (string Claim, NamePattern[] Values)[] _claims = [.. rule.Claims.Select(static pair => (pair.Key, Compile(pair.Value)))];
    private readonly NamePattern[] _clusters = Compile(rule.Clusters);
    private readonly (string Label, NamePattern[] Values)[] _labels = [.. rule.ClusterLabels.Select(static pair => (pair.Key, Compile(pair.Value)))];
    private readonly NamePattern[] _namespaces = Compile(rule.Namespaces);
    private readonly ResourcePattern[] _resources = [.. rule.Resources.Select(static text => new ResourcePattern(text))];
    private readonly NamePattern[] _names = Compile(rule.ResourceNames);
    private readonly (NamePattern Namespace, NamePattern Name)[] _services = [.. rule.Services.Select(Service)];
    private readonly NamePattern[] _paths = Compile(rule.NonResourceUrls);
    private readonly bool _allNamespaces = rule.Namespaces.Contains("*", StringComparer.Ordinal);
    private readonly bool _allResources = rule.Resources.Contains("*", StringComparer.Ordinal);
    private readonly VerbSet _verbs = VerbSet.Of(rule.Verbs);

    /// <summary>The rule as it was configured.</summary>
    public AccessRule Rule => rule;

    /// <summary>What messages call it.</summary>
    public string Label => rule.Label;

    /// <summary>That it was this rule that decided.</summary>
    public Judgement Judgement { get; } = new(Judge.Rule, rule.Label);

    /// <summary>Whether it speaks of everything on its clusters.</summary>
    public bool IsTotal => _verbs.IsAll && _allNamespaces && _allResources && _names.Length == 0;

    /// <summary>Whether its subjects can be looked up by name: no pattern among them, and at least one of them.</summary>
    public bool HasExactSubjects => rule.Users.Count + rule.Groups.Count > 0 && !rule.Users.Concat(rule.Groups).Any(NamePattern.IsPattern);

    /// <summary>Whether its namespaces can be looked up by name.</summary>
    public bool HasExactNamespaces => rule.Namespaces.Count > 0 && _services.Length == 0 && _paths.Length == 0 && !rule.Namespaces.Any(NamePattern.IsPattern);

    /// <summary>Whether the caller is one of its subjects.</summary>
    public bool AppliesTo(Caller caller) => (_users.Length + _groups.Length == 0 ? _claims.Length > 0 : IsNamed(caller)) && HasClaims(caller);

    /// <summary>Whether the caller has the claims that its subjects have to have besides.</summary>
    /// <remarks>A cluster says nothing of claims. Nobody is spared a rule that denies because theirs are not known.</remarks>
    public bool HasClaims(Caller caller)
    {
        if (rule.Denies && caller is Caller.ClusterTokenHolder)
        {
            return true;
        }

        foreach (var (claim, patterns) in _claims)
        {
            if (!caller.Claims.TryGetValue(claim, out var values) || !AnyOf(patterns, values))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the cluster is one of those that it speaks of.</summary>
    public bool Covers(ClusterDefinition cluster)
    {
        if (_clusters.Length > 0 ? !Any(_clusters, cluster.Name) && !Any(_clusters, cluster.QualifiedName) && !Any(_clusters, cluster.ShortName) : _labels.Length == 0)
        {
            return false;
        }

        foreach (var (label, patterns) in _labels)
        {
            if (cluster.Labels.Find(label) is not { } value || !Any(patterns, value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether it speaks of <paramref name="action"/>.</summary>
    /// <param name="action">The action.</param>
    /// <param name="verb">The bit of its verb.</param>
    public bool Matches(KubernetesAction action, int verb)
    {
        if (!_verbs.Contains(verb))
        {
            // Discovery is open to whoever may do anything on the cluster (decision 6).
            return !rule.Denies && IsDiscovery(action);
        }

        return action.IsResourceRequest ? MatchesService(action) || MatchesResource(action) : MatchesPath(action);
    }

    private bool MatchesResource(KubernetesAction action) =>
        MatchesNamespace(action) && MatchesResourceName(action) && (_allResources || AnyResource(action));

    private bool MatchesNamespace(KubernetesAction action) =>
        action.Namespace.Length > 0 ? _allNamespaces || Any(_namespaces, action.Namespace)
        : _allNamespaces || (rule.Denies && _namespaces.Length > 0 && IsCollection(action) && !ClusterScope.Has(action));

    private bool MatchesResourceName(KubernetesAction action) =>
        _names.Length == 0 || (action.Name.Length > 0 ? Any(_names, action.PlainName) || Any(_names, action.Name) : rule.Denies && IsCollection(action));

    private bool AnyResource(KubernetesAction action)
    {
        foreach (var pattern in _resources)
        {
            if (pattern.Matches(action))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesService(KubernetesAction action)
    {
        if (_services.Length == 0 || action.ApiGroup.Length > 0 || action.Resource is not "services" || !(action.IsProxied || action.Verb is "proxy"))
        {
            return false;
        }

        foreach (var (@namespace, name) in _services)
        {
            if (@namespace.Matches(action.Namespace) && name.Matches(action.PlainName))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesPath(KubernetesAction action) =>
        (!rule.Denies && IsDiscovery(action))
        || (_allResources && _allNamespaces && _names.Length == 0)
        // An allow rule speaks of what is sent as it is written; a deny rule of whatever an API server would take for the path.
        || (_paths.Length > 0 && (rule.Denies ? MatchesSpelling(action.NormalPath) : Any(_paths, action.Path)));

    // The server answers /version/ as it does /version.
    private bool MatchesSpelling(string path) => Any(_paths, path) || (path.Length > 1 && path[^1] == '/' && Any(_paths, path.AsSpan(..^1)));

    private bool IsNamed(Caller caller) => Any(_users, caller.Name) || AnyOf(_groups, caller.Groups);

    private static bool IsCollection(KubernetesAction action) => action.Verb is "list" or "watch" or "deletecollection";

    private static bool IsDiscovery(KubernetesAction action) =>
        !action.IsResourceRequest && action.Verb is "get" or "head"
        && (IsAtOrBelow(action.Path, "/api") || IsAtOrBelow(action.Path, "/apis")
            || IsAtOrBelow(action.Path, "/openapi") || IsAtOrBelow(action.Path, "/version"));

    private static bool IsAtOrBelow(string path, string root) =>
        path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] == '/');

    private static bool AnyOf(NamePattern[] patterns, IReadOnlyList<string> values)
    {
        // By index: an enumerator of the interface would be allocated.
        for (var i = 0; i < values.Count && patterns.Length > 0; i++)
        {
            if (Any(patterns, values[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Any(NamePattern[] patterns, ReadOnlySpan<char> name)
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

    private static NamePattern[] Compile(IReadOnlyList<string> texts) => [.. texts.Select(static text => new NamePattern(text))];

    private static (NamePattern Namespace, NamePattern Name) Service(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return (new NamePattern(text[..slash]), new NamePattern(text[(slash + 1)..]));
    }
}
