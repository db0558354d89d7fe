using Fairlead.Kubernetes.Connections;

namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>A credential plugin as a kubeconfig's <c>exec</c> describes it (client.authentication.k8s.io). Equal when it would be run in the same way.</summary>
public sealed record ExecPlugin
{
    /// <summary>The program: a name to look for in <c>PATH</c>, or an absolute path (a relative one starts at the file that names it).</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments, each as it is given to the program.</summary>
    public ValueList<string> Arguments { get; init; } = [];

    /// <summary>Variables that are set for it, besides those of this process.</summary>
    public ValueList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>The version that it speaks.</summary>
    public required ExecApiVersion ApiVersion { get; init; }

    /// <summary>The cluster that it is told about (<c>provideClusterInfo</c>); null for none.</summary>
    public ClusterConnection? Cluster { get; init; }

    /// <summary>What the cluster's extension <c>client.authentication.k8s.io/exec</c> holds, as JSON; null for nothing.</summary>
    public string? ClusterConfig { get; init; }

    /// <summary>The command only: arguments and variables may hold secrets.</summary>
    public override string ToString() => $"{nameof(ExecPlugin)} {{ Command = {Command} }}";
}
