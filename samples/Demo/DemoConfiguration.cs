using System.Text;

namespace Fairlead.Demo;

/// <summary>The gateway's configuration for the demo: one cluster, no <c>auth</c>, so that the first run's token is made and printed.</summary>
internal sealed class DemoConfiguration : IDisposable
{
    private readonly DirectoryInfo _folder;

    private DemoConfiguration(DirectoryInfo folder, string path)
    {
        _folder = folder;
        Path = path;
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Writes the file into a folder that only its owner can read.</summary>
    public static DemoConfiguration Write(DemoCluster cluster)
    {
        var folder = Directory.CreateTempSubdirectory("fairlead-demo-");
        var path = System.IO.Path.Combine(folder.FullName, "fairlead.yaml");
        var authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(cluster.CertificateAuthorityPem));
        File.WriteAllText(
            path,
            $"""
            kubernetes:
              clusterLocatorMethods:
                - type: config
                  clusters:
                    - name: demo
                      title: The demo cluster
                      url: {cluster.Server.GetLeftPart(UriPartial.Authority)}
                      authProvider: serviceAccount
                      serviceAccountToken: {cluster.AdminToken}
                      caData: {authority}
                      network: direct
            serviceProxy:
              # Everything in the demo listens on loopback, where no Service leads by itself.
              allowedAddresses: [127.0.0.0/8]
            """);
        return new DemoConfiguration(folder, path);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
