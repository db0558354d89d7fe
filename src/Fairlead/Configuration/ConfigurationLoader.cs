using Fairlead.Clusters.Sources;

namespace Fairlead.Configuration;

/// <summary>Turns configuration files, environment and command line into <see cref="GatewayOptions"/>, or into everything that is wrong with them.</summary>
internal static class ConfigurationLoader
{
    /// <summary>Reads, merges and checks a configuration. Never throws for what the configuration says.</summary>
    /// <param name="files">Configuration files, merged left to right: maps merge, lists replace.</param>
    /// <param name="environment">The environment: <c>${VAR}</c>, <c>APP_CONFIG_*</c>, <c>KUBECONFIG</c>, <c>HOME</c>, <c>KUBERNETES_SERVICE_*</c>.</param>
    /// <param name="overrides">Values of the command line, merged last.</param>
    /// <param name="serviceAccountDirectory">Where a pod's service account is mounted.</param>
    /// <param name="workingDirectory">Where relative paths of the command line and the environment start; null for the process's own.</param>
    public static ConfigurationResult Load(
        IReadOnlyList<string> files,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyList<ConfigurationOverride>? overrides = null,
        string serviceAccountDirectory = InClusterAccount.DefaultDirectory,
        string? workingDirectory = null) =>
        throw new NotSupportedException();
}
