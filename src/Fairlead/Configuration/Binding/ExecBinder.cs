using Fairlead.Clusters;
using Fairlead.Kubernetes;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.ExecPlugins;

namespace Fairlead.Configuration.Binding;

/// <summary><c>exec</c> of a cluster: a credential plugin, with the keys of a kubeconfig's.</summary>
internal static class ExecBinder
{
    public static BoundCredential? Bind(Section section, string label, ClusterConnection? connection, bool isWanted)
    {
        if (section.Child("exec") is not { } exec)
        {
            if (isWanted && !section.Has("exec"))
            {
                section.Error("exec", $"cluster '{label}': authProvider exec needs exec, with the command of the plugin");
            }

            return null;
        }

        if (!isWanted)
        {
            section.Error("exec", $"cluster '{label}': exec needs authProvider: exec");
            return null;
        }

        var before = section.Context.Errors.Count;
        var plugin = Plugin(exec, connection);
        return plugin is not null && section.Context.Errors.Count == before ? new BoundCredential(CredentialDefinition.Exec.Of(plugin, section.Context.Exec)) : null;
    }

    private static ExecPlugin? Plugin(Section exec, ClusterConnection? connection)
    {
        // An argument that is lost would make the next one stand in its place.
        exec.RequireValues("command", "args", "env", "apiVersion");
        if (!exec.Has("command") && exec.UnsetVariable("command") is null)
        {
            exec.Missing("command");
        }

        var command = exec.Text("command");
        command = command?.Contains('/', StringComparison.Ordinal) == true ? exec.FilePath("command") : command;
        var version = ExecApiVersion.V1;
        if (exec.Text("apiVersion") is { } text && !ExecApiVersions.TryParse(text, out version, out var problem))
        {
            exec.Error("apiVersion", problem);
        }

        ValueList<string> arguments = [.. exec.AnyTexts("args")];
        var variables = Variables(exec);
        var tellsCluster = exec.Flag("provideClusterInfo") == true;
        exec.Close();
        return command is null
            ? null
            : new ExecPlugin { Command = command, Arguments = arguments, Environment = variables, ApiVersion = version, Cluster = tellsCluster ? connection : null };
    }

    private static ValueList<KeyValuePair<string, string>> Variables(Section exec)
    {
        var variables = new List<KeyValuePair<string, string>>();
        foreach (var variable in exec.Children("env") ?? [])
        {
            var name = variable.RequiredText("name");
            if (name?.Contains('=', StringComparison.Ordinal) == true)
            {
                variable.Error("name", "must not hold '='");
            }

            variables.Add(KeyValuePair.Create(name ?? "", variable.AnyText("value") ?? ""));
            variable.Close();
        }

        return [.. variables];
    }
}
