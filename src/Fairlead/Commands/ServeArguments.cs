using Fairlead.Configuration;

namespace Fairlead.Commands;

internal sealed record ServeArguments(
    IReadOnlyList<string> ConfigFiles, string? BaseUrl, string? Kubeconfig, bool InCluster, string? ListenAddress, int? Port)
{
    public ConfigurationResult Read() => throw new NotSupportedException(string.Join(' ', ConfigFiles));
}
