namespace Fairlead.Configuration.Binding;

/// <summary><c>access.rules</c>.</summary>
internal static class AccessBinder
{
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
        var before = rule.Context.Errors.Count;
        IReadOnlyList<string> users = [];
        IReadOnlyList<string> groups = [];
        if (rule.Child("subjects") is { } subjects)
        {
            users = Values(subjects.Texts("users"));
            groups = Values(subjects.Texts("groups"));
            subjects.Close();
        }

        if (users.Count + groups.Count == 0 && rule.Context.Errors.Count == before)
        {
            rule.Error("subjects", "a rule needs at least one subject in subjects.users or subjects.groups");
        }

        var result = new AccessRule
        {
            Users = users,
            Groups = groups,
            Clusters = Required(rule, "clusters"),
            Namespaces = Required(rule, "namespaces"),
            Resources = Required(rule, "resources"),
            Verbs = Required(rule, "verbs"),
        };
        rule.Close();
        return rule.Context.Errors.Count == before ? result : null;
    }

    private static IReadOnlyList<string> Required(Section rule, string key)
    {
        if (!rule.Has(key))
        {
            rule.Missing(key, "; [\"*\"] means all");
            return [];
        }

        var before = rule.Context.Errors.Count;
        var values = Values(rule.Texts(key));
        if (values.Count == 0 && rule.Context.Errors.Count == before)
        {
            rule.Error(key, "the list is empty and would match nothing; [\"*\"] means all");
        }

        return values;
    }

    private static IReadOnlyList<string> Values(IReadOnlyList<TextItem>? items) => items is null ? [] : [.. items.Select(item => item.Value)];
}
