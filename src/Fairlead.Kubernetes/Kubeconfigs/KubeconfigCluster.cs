using Fairlead.Kubernetes.Connections;

namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary>The <c>cluster</c> part of a context.</summary>
internal static class KubeconfigCluster
{
    public static ClusterConnection? Read(KubeconfigEntry cluster, KubeconfigProblems problems)
    {
        var server = Server(cluster, problems);
        var authority = KubeconfigPem.Read(cluster, "certificate-authority", PemContent.Certificate, problems);
        var insecure = cluster.Flag("insecure-skip-tls-verify", problems);
        if (insecure && authority is not null)
        {
            // client-go refuses it too: one of the two does not mean what it says.
            problems.Add(cluster, "insecure-skip-tls-verify", "must not stand together with certificate-authority");
        }

        var serverName = cluster.Text("tls-server-name", problems);
        if (serverName is { Length: > 0 } && !ServerName.IsUsable(serverName))
        {
            problems.Add(cluster, "tls-server-name", ServerName.Rule);
            serverName = null;
        }

        var proxy = Proxy(cluster, problems);
        return server is null
            ? null
            : new ClusterConnection
            {
                Server = server,
                CertificateAuthority = authority,
                InsecureSkipTlsVerify = insecure,
                TlsServerName = serverName,
                Proxy = proxy,
            };
    }

    private static Uri? Server(KubeconfigEntry cluster, KubeconfigProblems problems)
    {
        if (cluster.Text("server", problems) is not { } text)
        {
            problems.Add(cluster, "server", "is missing");
            return null;
        }

        if (!ServerUrl.TryParse(text, out var url, out var problem))
        {
            problems.Add(cluster, "server", problem);
        }

        return url;
    }

    private static ProxyAddress? Proxy(KubeconfigEntry cluster, KubeconfigProblems problems)
    {
        if (cluster.Text("proxy-url", problems) is not { } text)
        {
            return null;
        }

        if (ProxyAddress.TryParse(text, out var proxy))
        {
            return proxy;
        }

        problems.Add(cluster, "proxy-url", ProxyAddress.Rule);
        return null;
    }
}
