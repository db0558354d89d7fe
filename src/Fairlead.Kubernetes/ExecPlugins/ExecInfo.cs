using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>What a plugin is told in <c>KUBERNETES_EXEC_INFO</c>: an <c>ExecCredential</c> of its version, the cluster in it where it asks for that.</summary>
internal static class ExecInfo
{
    /// <summary>The variable.</summary>
    public const string Variable = "KUBERNETES_EXEC_INFO";

    /// <summary>The variable's value.</summary>
    /// <exception cref="ExecPluginException">The cluster's certificate authority cannot be read.</exception>
    public static string Of(ExecPlugin plugin)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("kind", "ExecCredential");
            json.WriteString("apiVersion", plugin.ApiVersion.Name());
            json.WriteStartObject("spec");
            if (plugin.Cluster is { } cluster)
            {
                Write(json, plugin, cluster);
            }

            json.WriteBoolean("interactive", false);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, ExecPlugin plugin, ClusterConnection cluster)
    {
        json.WriteStartObject("cluster");
        json.WriteString("server", cluster.Server.OriginalString);
        if (cluster.TlsServerName is { } name)
        {
            json.WriteString("tls-server-name", name);
        }

        if (cluster.InsecureSkipTlsVerify)
        {
            json.WriteBoolean("insecure-skip-tls-verify", true);
        }

        if (cluster.CertificateAuthority is { } authority)
        {
            json.WriteBase64String("certificate-authority-data", Encoding.UTF8.GetBytes(Text(plugin, authority)));
        }

        if (cluster.Proxy is { } proxy)
        {
            json.WriteString("proxy-url", proxy.Whole().Reveal());
        }

        if (plugin.ClusterConfig is { } config)
        {
            json.WritePropertyName("config");
            json.WriteRawValue(config);
        }

        json.WriteEndObject();
    }

    private static string Text(ExecPlugin plugin, PemSource source) => source switch
    {
        PemSource.Inline inline => inline.Pem.Reveal(),
        PemSource.File file when TextFile.TryRead(file.Path, out var text, out var problem) => text,
        PemSource.File file => throw new ExecPluginException(plugin.Command, $"cannot be told about the cluster: {file.Path}: the certificate authority cannot be read"),
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "a PEM source that is not known"),
    };
}
