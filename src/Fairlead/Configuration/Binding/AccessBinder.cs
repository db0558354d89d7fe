using Fairlead.Access;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary><c>access.rules</c>.</summary>
internal static class AccessBinder
{
    private static readonly string[] _resourceKeys = ["namespaces", "resources"];

    public static IReadOnlyList<AccessRule> Bind(Section root)
    {
        if (root.Child("access") is not { } access)
        {
            return [];
        }

        var rules = (access.Children("rules") ?? []).Select(Rule).OfType<AccessRule>().ToList();
        access.Close();
        return rules;
    }

    private static AccessRule? Rule(Section rule)
    {
        if (!rule.RequireValues([.. rule.Keys]))
        {
            return null;
        }

        var before = rule.Context.Errors.Count;
        var name = rule.Text("name");
        var result = Subjects(rule, before) with
        {
            Label = name is null ? rule.Path : NodePath.Printable(name),
            Denies = rule.Choice("effect", "allow", "deny") is "deny",
            Clusters = Patterns(rule, "clusters"),
            ClusterLabels = PatternMap(rule, "clusterLabels"),
            Namespaces = Patterns(rule, "namespaces"),
            Resources = Patterns(rule, "resources"),
            ResourceNames = Patterns(rule, "resourceNames"),
            Services = Patterns(rule, "services", ServiceFault),
            NonResourceUrls = Patterns(rule, "nonResourceURLs", PathFault),
            Verbs = Patterns(rule, "verbs", VerbFault),
        };
        if (!rule.Has("clusters") && !rule.Has("clusterLabels"))
        {
            rule.Missing("clusters", "; [\"*\"] means all");
        }

        if (!rule.Has("verbs"))
        {
            rule.Missing("verbs", "; [\"*\"] means all");
        }

        CheckParts(rule);
        rule.Close();
        return rule.Context.Errors.Count == before ? result : null;
    }

    private static AccessRule Subjects(Section rule, int before)
    {
        var result = new AccessRule();
        if (rule.Child("subjects") is { } subjects)
        {
            result = result with { Users = Names(subjects, "users"), Groups = Names(subjects, "groups"), Claims = PatternMap(subjects, "claims") };
            subjects.Close();
        }

        if (result.Users.Count + result.Groups.Count + result.Claims.Count == 0 && rule.Context.Errors.Count == before)
        {
            rule.Error("subjects", "a rule needs at least one subject in subjects.users, subjects.groups or subjects.claims");
        }

        return result;
    }

    /// <summary>What a rule speaks of: resources in namespaces, Services, other paths; at least one of them, and each whole.</summary>
    private static void CheckParts(Section rule)
    {
        if (!rule.Has("services") && !rule.Has("nonResourceURLs"))
        {
            foreach (var key in _resourceKeys.Where(key => !rule.Has(key)))
            {
                rule.Missing(key, "; [\"*\"] means all");
            }
        }
        else if (rule.Has("namespaces") != rule.Has("resources"))
        {
            rule.Missing(rule.Has("namespaces") ? "resources" : "namespaces", ": namespaces and resources go together");
        }

        if (rule.Has("resourceNames") && !rule.Has("resources"))
        {
            rule.Missing("resources", ": resourceNames say which of them");
        }
    }

    private static string[] Names(Section subjects, string key) => [.. (subjects.Texts(key) ?? []).Select(static item => item.Value)];

    private static string[] Patterns(Section section, string key, Func<string, string?>? fault = null)
    {
        if (!section.Has(key))
        {
            return [];
        }

        var before = section.Context.Errors.Count;
        var items = section.Texts(key) ?? [];
        foreach (var item in items)
        {
            if (fault?.Invoke(item.Value) is { } message)
            {
                section.Context.Errors.Add(item.Path, message, item.Origin);
            }
        }

        if (items.Count == 0 && section.Context.Errors.Count == before)
        {
            section.Error(key, "the list is empty and would match nothing; [\"*\"] means all");
        }

        return [.. items.Select(static item => item.Value)];
    }

    private static Dictionary<string, IReadOnlyList<string>> PatternMap(Section section, string key)
    {
        var patterns = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (section.Child(key) is not { } child)
        {
            return patterns;
        }

        if (!child.Keys.Any())
        {
            section.Error(key, "is empty and would say nothing; leave it out");
        }

        foreach (var name in child.Keys.ToList())
        {
            var before = section.Context.Errors.Count;
            patterns[name] = [.. (child.OneOrMoreTexts(name) ?? []).Select(static item => item.Value)];
            if (patterns[name].Count == 0 && section.Context.Errors.Count == before)
            {
                child.Error(name, "has no value and would match nothing; \"*\" means any");
            }
        }

        return patterns;
    }

    private static string? ServiceFault(string text) =>
        text.Split('/') is [{ Length: > 0 }, { Length: > 0 }] ? null : "has to be namespace/name, such as monitoring/grafana or team-a/*";

    private static string? PathFault(string text) => text[0] is '/' or '*' ? null : "has to be a path, such as /metrics or /healthz/*";

    // A misspelt verb in a rule that denies would deny nothing.
    private static string? VerbFault(string text) =>
        text is "*" || VerbSet.Known.Contains(text, StringComparer.Ordinal) ? null : $"is no verb of a request; known: {string.Join(", ", VerbSet.Known)}, *";
}
