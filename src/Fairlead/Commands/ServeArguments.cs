using Fairlead.Clusters.Sources;
using Fairlead.Configuration;

namespace Fairlead.Commands;

/// <summary>The flags that <c>serve</c> and <c>check</c> share.</summary>
/// <param name="ConfigFiles"><c>--config</c>, left to right.</param>
/// <param name="BaseUrl"><c>--base-url</c>.</param>
/// <param name="Kubeconfig"><c>--kubeconfig</c>.</param>
/// <param name="InCluster"><c>--in-cluster</c>.</param>
/// <param name="ListenAddress"><c>--listen-addr</c>.</param>
/// <param name="Port"><c>--port</c>.</param>
internal sealed record ServeArguments(
    IReadOnlyList<string> ConfigFiles, string? BaseUrl, string? Kubeconfig, bool InCluster, string? ListenAddress, int? Port)
{
    private const string DefaultAddress = "127.0.0.1";
    private const int DefaultPort = 8080;

    /// <summary>Reads the configuration that the flags ask for.</summary>
    /// <param name="environment">The environment.</param>
    public ConfigurationResult Read(IReadOnlyDictionary<string, string> environment) =>
        ConfigurationLoader.Load(ConfigFiles, environment, Overrides(environment));

    private List<ConfigurationOverride> Overrides(IReadOnlyDictionary<string, string> environment)
    {
        var overrides = new List<ConfigurationOverride>();
        if (BaseUrl is not null)
        {
            overrides.Add(ConfigurationOverride.Value("baseUrl", BaseUrl, "--base-url"));
        }

        if (ListenAddress is not null || Port is not null)
        {
            var address = ListenAddress ?? DefaultAddress;
            var host = address.Contains(':', StringComparison.Ordinal) ? $"[{address.Trim('[', ']')}]" : address;
            overrides.Add(ConfigurationOverride.Value(
                "listen", $"http://{host}:{Port ?? DefaultPort}", Port is null ? "--listen-addr" : "--port"));
        }

        if (Kubeconfig is not null)
        {
            overrides.Add(ConfigurationOverride.Kubeconfig(Kubeconfig));
        }

        if (InCluster)
        {
            overrides.Add(ConfigurationOverride.InCluster());
        }

        if (ConfigFiles.Count == 0 && Kubeconfig is null && !InCluster && DefaultSource(environment) is { } source)
        {
            overrides.Add(source);
        }

        return overrides;
    }

    /// <summary>Without any configuration: the current kubeconfig, or the account of the pod that this runs in.</summary>
    private static ConfigurationOverride? DefaultSource(IReadOnlyDictionary<string, string> environment)
    {
        var paths = environment.GetValueOrDefault("KUBECONFIG") is { Length: > 0 } listed ? listed
            : environment.GetValueOrDefault("HOME") is { Length: > 0 } home ? Path.Combine(home, ".kube", "config")
            : null;
        return paths is not null && paths.Split(Path.PathSeparator).Any(File.Exists) ? ConfigurationOverride.Kubeconfig(paths, "KUBECONFIG")
            : InClusterAccount.FindMounted(environment, InClusterAccount.DefaultDirectory) is not null ? ConfigurationOverride.InCluster("the pod's service account")
            : null;
    }
}
