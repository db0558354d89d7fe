using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.ExecPlugins;

namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary><c>exec</c> of a user, by the rules of client-go.</summary>
internal static class KubeconfigExec
{
    private const string Extension = "client.authentication.k8s.io/exec";

    public static KubeconfigCredential Read(KubeconfigEntry user, KubeconfigEntry? cluster, ClusterConnection? connection, KubeconfigProblems problems)
    {
        var before = problems.Count;
        var plugin = user.Child("exec", problems) is { } exec ? Plugin(exec, cluster, connection, problems) : null;
        return plugin is not null && problems.Count == before ? new KubeconfigCredential.Exec(plugin) : new KubeconfigCredential.Unsupported("exec", problems.After(before));
    }

    private static ExecPlugin? Plugin(KubeconfigEntry exec, KubeconfigEntry? cluster, ClusterConnection? connection, KubeconfigProblems problems)
    {
        // A path is relative to the file; a name is looked up in PATH.
        var command = exec.Text("command", problems);
        command = command?.Contains('/', StringComparison.Ordinal) == true ? exec.FilePath("command", problems) : command;
        if (!exec.Has("command"))
        {
            problems.Add(exec, "command", "is missing");
        }

        if (!ExecApiVersions.TryParse(exec.Text("apiVersion", problems), out var version, out var problem))
        {
            problems.Add(exec, "apiVersion", problem);
        }
        else
        {
            CheckMode(exec, version, problems);
        }

        var tellsCluster = exec.Flag("provideClusterInfo", problems);
        var plugin = new ExecPlugin
        {
            Command = command ?? "",
            Arguments = Arguments(exec, problems),
            Environment = Variables(exec, problems),
            ApiVersion = version,
            Cluster = tellsCluster ? connection : null,
            ClusterConfig = tellsCluster && cluster is not null ? ClusterConfig(cluster, problems) : null,
        };
        return command is null ? null : plugin;
    }

    private static void CheckMode(KubeconfigEntry exec, ExecApiVersion version, KubeconfigProblems problems)
    {
        var problem = exec.Text("interactiveMode", problems) switch
        {
            "Never" or "IfAvailable" => null,
            null when version is ExecApiVersion.V1Beta1 => null,
            null => "is missing; apiVersion v1 needs it: Never, or IfAvailable",
            "Always" => "is Always: the plugin needs a terminal, and a gateway has none; set it to IfAvailable where the plugin can do without",
            _ => "has to be Never, IfAvailable or Always",
        };
        if (problem is not null)
        {
            problems.Add(exec, "interactiveMode", problem);
        }
    }

    private static ValueList<string> Arguments(KubeconfigEntry exec, KubeconfigProblems problems)
    {
        var arguments = new List<string>();
        foreach (var item in exec.Items("args", problems))
        {
            if (item is ScalarNode { Type: not ScalarKind.Null } scalar)
            {
                arguments.Add(scalar.Text);
            }
            else
            {
                problems.Add(exec, "args", $"has to be a list of strings, and one of its items is {item.Kind}");
            }
        }

        return [.. arguments];
    }

    private static ValueList<KeyValuePair<string, string>> Variables(KubeconfigEntry exec, KubeconfigProblems problems)
    {
        var variables = new List<KeyValuePair<string, string>>();
        foreach (var item in exec.Items("env", problems))
        {
            var variable = exec with { Body = item, Prefix = $"{exec.Prefix}env[]." };
            var name = variable.Text("name", problems);
            var value = variable.Text("value", problems) ?? "";
            if (name is null || name.Contains('=', StringComparison.Ordinal))
            {
                problems.Add(variable, "name", name is null ? "is missing" : "must not hold '='");
            }
            else
            {
                variables.Add(KeyValuePair.Create(name, value));
            }
        }

        return [.. variables];
    }

    private static string? ClusterConfig(KubeconfigEntry cluster, KubeconfigProblems problems) =>
        cluster.Items("extensions", problems).OfType<MapNode>()
            .Where(static one => one.Find("name")?.Value is ScalarNode { Text: Extension })
            .Select(static one => one.Find("extension")?.Value)
            .FirstOrDefault() is { } value ? JsonText.Of(value) : null;
}
