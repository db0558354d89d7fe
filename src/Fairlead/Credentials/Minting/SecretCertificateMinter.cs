using System.Buffers.Text;
using System.Net;
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
            throw new CredentialException($"{place} cannot be read: there is no such cluster") { IsTakenAway = true };
        }

        if (definition.Equals(cluster.Definition.Credential))
        {
            throw new CredentialException($"{place} is kept in the very cluster that it opens; another one has to hold it") { IsTakenAway = true };
        }

        var answer = await cluster.Api.GetAsync($"/api/v1/namespaces/{definition.Namespace}/secrets/{definition.Secret}", null, ApiJson.Default.SecretObject);
        if (answer.Value is not { } secret)
        {
            throw new CredentialException($"{place} cannot be read: {answer.Problem ?? "no answer"}; the gateway's account there has to be able to get it")
            {
                IsTakenAway = answer.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden,
            };
        }

        var source = new ClientCertificateSource(Pem(secret, "tls.crt", place), Pem(secret, "tls.key", place));
        try
        {
            var end = TlsMaterial.Load([], source).ClientNotAfter!.Value;
            return new MintedCredential(new UpstreamCredential.Minted(null, source), new DateTimeOffset(end), ReadEvery);
        }
        catch (TlsMaterialException exception)
        {
            throw new CredentialException($"{place}: {exception.Message}", exception);
        }
    }

    private static PemSource.Inline Pem(SecretObject secret, string key, string place) =>
        secret.Data?.GetValueOrDefault(key) is { Length: > 0 } text && Base64.IsValid(text) && Encoding.UTF8.GetString(Convert.FromBase64String(text)) is { Length: > 0 } pem
            ? new PemSource.Inline(new Secret(pem))
            : throw new CredentialException($"{place} holds no {key}") { IsTakenAway = true };
}
