using System.Text;
using System.Text.Json;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.FirstRun;

/// <summary>A kubeconfig for this run, readable by its owner only, gone when the server stops.</summary>
internal sealed class KubeconfigFile : IDisposable
{
    private readonly DirectoryInfo _folder;

    private KubeconfigFile(DirectoryInfo folder, string path)
    {
        _folder = folder;
        Path = path;
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Writes a context for each cluster, reached at <paramref name="gateway"/>.</summary>
    public static KubeconfigFile Write(Uri gateway, string baseUrl, string authorityPem, Secret token, ClusterCatalog catalog)
    {
        var folder = Directory.CreateTempSubdirectory("fairlead-");
        var path = System.IO.Path.Combine(folder.FullName, "kubeconfig");
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(Encoding.UTF8.GetBytes(Text(gateway, baseUrl, authorityPem, token, catalog)));
        return new KubeconfigFile(folder, path);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    private static string Text(Uri gateway, string baseUrl, string authorityPem, Secret token, ClusterCatalog catalog)
    {
        var authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(authorityPem));
        var names = catalog.Clusters.Select(catalog.AddressableName).ToArray();
        var text = new StringBuilder("apiVersion: v1\nkind: Config\n");
        text.Append("users:\n- name: fairlead\n  user: {token: ").Append(Quote(token.Reveal())).Append("}\n");
        text.Append("clusters:\n");
        foreach (var name in names)
        {
            var server = $"{gateway.GetLeftPart(UriPartial.Authority)}{baseUrl}/clusters/{Uri.EscapeDataString(ClusterNames.ForUrl(name))}";
            text.Append("- name: ").Append(Quote(name)).Append("\n  cluster: {server: ").Append(Quote(server))
                .Append(", certificate-authority-data: ").Append(authority).Append("}\n");
        }

        text.Append("contexts:\n");
        foreach (var name in names)
        {
            text.Append("- name: ").Append(Quote(name)).Append("\n  context: {cluster: ").Append(Quote(name)).Append(", user: fairlead}\n");
        }

        return names.Length == 0 ? text.ToString() : text.Append("current-context: ").Append(Quote(names[0])).Append('\n').ToString();
    }

    /// <summary>A JSON string is a YAML string (YAML 1.2, 1.3).</summary>
    private static string Quote(string value) => $"\"{JsonEncodedText.Encode(value)}\"";
}
