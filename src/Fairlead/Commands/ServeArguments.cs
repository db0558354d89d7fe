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
        ConfigurationLoader.Load(ConfigFiles, environment, Overrides());

    private List<ConfigurationOverride> Overrides()
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

        return overrides;
    }
}
