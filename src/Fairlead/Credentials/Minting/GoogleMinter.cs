using Fairlead.Clusters;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials.Minting;

/// <summary>Google GKE: an access token of a service account, or of the process's own identity on Google Cloud (contract S29).</summary>
/// <param name="definition">Whose.</param>
internal sealed class GoogleMinter(CredentialDefinition.GoogleServiceAccount definition) : ICredentialMinter
{
    private static readonly TimeSpan _withoutEnd = TimeSpan.FromMinutes(30);

    /// <inheritdoc/>
    public async Task<MintedCredential> MintAsync(CancellationToken cancellationToken)
    {
        var token = await GoogleAccessToken.GetAsync(definition.Key, cancellationToken);
        return new MintedCredential(
            new UpstreamCredential.Minted(new Secret("Bearer " + token.Value.Reveal())), token.ExpiresAt, token.ExpiresAt is null ? _withoutEnd : null);
    }
}
