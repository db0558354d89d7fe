using Fairlead.Kubernetes.Connections;

namespace Fairlead.Clusters.Sources;

/// <summary>The API server and the service account of the pod that this process runs in.</summary>
/// <param name="Connection">The API server, checked against the account's CA file.</param>
/// <param name="TokenFile">The absolute path of the projected token, which rotates.</param>
internal sealed record InClusterAccount(ClusterConnection Connection, string TokenFile)
{
    /// <summary>Where Kubernetes mounts a pod's service account.</summary>
    public const string DefaultDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The account by the environment that Kubernetes gives to every container; null outside a pod.</summary>
    /// <param name="environment">Holds <c>KUBERNETES_SERVICE_HOST</c> and <c>KUBERNETES_SERVICE_PORT</c> in a pod.</param>
    /// <param name="directory">Where the account is mounted.</param>
    public static InClusterAccount? Find(IReadOnlyDictionary<string, string> environment, string directory)
    {
        if (!environment.TryGetValue("KUBERNETES_SERVICE_HOST", out var host)
            || !environment.TryGetValue("KUBERNETES_SERVICE_PORT", out var port)
            || !ushort.TryParse(port, System.Globalization.CultureInfo.InvariantCulture, out var number)
            || number == 0)
        {
            return null;
        }

        var authority = host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;
        if (!Uri.TryCreate($"https://{authority}:{port}", UriKind.Absolute, out var server))
        {
            return null;
        }

        return new InClusterAccount(
            new ClusterConnection { Server = server, CertificateAuthority = new PemSource.File(Path.Combine(directory, "ca.crt")) },
            Path.Combine(directory, "token"));
    }

    /// <summary>Whether this process runs in a pod with an account: the variables are set and the account's CA exists (contract S18).</summary>
    public static InClusterAccount? FindMounted(IReadOnlyDictionary<string, string> environment, string directory) =>
        File.Exists(Path.Combine(directory, "ca.crt")) ? Find(environment, directory) : null;
}
