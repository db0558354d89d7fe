using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Resources;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials.Minting;

/// <summary>A client certificate in a Secret of type <c>kubernetes.io/tls</c>, as cert-manager keeps it: read again every minute.</summary>
/// <param name="definition">Where it is.</param>
/// <param name="clusters">The clusters of the gateway.</param>
internal sealed class SecretCertificateMinter(CredentialDefinition.CertificateSecret definition, ClusterFinder clusters) : ICredentialMinter
{
    /// <summary>How often the Secret is read.</summary>
    public static readonly TimeSpan ReadEvery = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<MintedCredential> MintAsync(CancellationToken cancellationToken)
    {
        var place = $"Secret {definition.Namespace}/{definition.Secret} of {(definition.Cluster is { } name ? $"cluster '{name}'" : "the cluster that the gateway runs in")}";
        if (clusters.Find(definition.Cluster) is not { } cluster)
        {
            throw new CredentialException($"{place} cannot be read: there is no such cluster");
        }

        var answer = await cluster.Api.GetAsync($"/api/v1/namespaces/{definition.Namespace}/secrets/{definition.Secret}", null, ApiJson.Default.SecretObject);
        if (answer.Value is not { } secret)
        {
            throw new CredentialException($"{place} cannot be read: {answer.Problem ?? "no answer"}; the gateway's account there has to be able to get it");
        }

        var certificate = Text(secret, "tls.crt", place);
        var key = Text(secret, "tls.key", place);
        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificate, key);
            return new MintedCredential(
                new UpstreamCredential.Minted(null, new ClientCertificateSource(new PemSource.Inline(new Secret(certificate)), new PemSource.Inline(new Secret(key)))),
                new DateTimeOffset(pair.NotAfter),
                ReadEvery);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new CredentialException($"{place}: tls.crt and tls.key do not belong together or are not PEM", exception);
        }
    }

    private static string Text(SecretObject secret, string key, string place) =>
        secret.Data?.GetValueOrDefault(key) is { Length: > 0 } text && Base64.IsValid(text)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(text))
            : throw new CredentialException($"{place} holds no {key}");
}
