using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary><c>recording</c>.</summary>
internal static class RecordingBinder
{
    private static readonly string[] _everyone = ["*"];

    public static RecordingOptions? Bind(Section root)
    {
        if (root.Child("recording") is not { } recording)
        {
            return null;
        }

        if (!recording.Has("folder"))
        {
            recording.Missing("folder", "; recordings are files");
        }

        var options = new RecordingOptions { Folder = recording.FilePath("folder") ?? "" };
        options = options with
        {
            Input = recording.Flag("input") ?? false,
            MaxSize = recording.Node("maxSize") is ScalarNode { Type: ScalarKind.Text, Text: "unlimited" } ? null : recording.Bytes("maxSize", 4096, long.MaxValue) ?? options.MaxSize,
            Rules = Rules(recording) ?? options.Rules,
        };
        recording.Close();
        return options;
    }

    private static List<RecordingRule>? Rules(Section recording)
    {
        if (recording.Children("rules") is not { } sections)
        {
            return null;
        }

        // An empty list would read as "recording is on".
        if (sections.Count == 0)
        {
            recording.Error("rules", "the list is empty and would record nothing; leave it out to record everything");
        }

        var rules = new List<RecordingRule>();
        foreach (var section in sections)
        {
            var (users, groups) = Subjects(section);
            rules.Add(new RecordingRule(
                new AccessRule
                {
                    Label = section.Path, Denies = true, Users = users, Groups = groups,
                    Clusters = Patterns(section, "clusters"), Namespaces = Patterns(section, "namespaces"),
                },
                section.Flag("required") ?? true));
            section.Close();
        }

        return rules;
    }

    private static (IReadOnlyList<string> Users, IReadOnlyList<string> Groups) Subjects(Section rule)
    {
        if (rule.Child("subjects") is not { } subjects)
        {
            return (_everyone, []);
        }

        IReadOnlyList<string> users = [.. (subjects.Texts("users") ?? []).Select(static item => item.Value)];
        IReadOnlyList<string> groups = [.. (subjects.Texts("groups") ?? []).Select(static item => item.Value)];
        if (users.Count + groups.Count == 0)
        {
            rule.Error("subjects", "names nobody; leave it out to record everybody");
        }

        subjects.Close();
        return (users, groups);
    }

    private static string[] Patterns(Section rule, string key)
    {
        if (rule.Texts(key) is not { } items)
        {
            return _everyone;
        }

        if (items.Count == 0)
        {
            rule.Error(key, "the list is empty and would match nothing; leave it out to mean all");
        }

        return [.. items.Select(static item => item.Value)];
    }
}
