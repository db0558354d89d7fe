using Fairlead.Clusters;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials.Minting;

/// <summary>What a credential plugin gives (<c>exec</c>).</summary>
/// <param name="definition">The plugin, and how much of it may be run.</param>
/// <param name="time">The clock.</param>
internal sealed class ExecMinter(CredentialDefinition.Exec definition, TimeProvider time) : ICredentialMinter
{
    private readonly ExecPluginRunner _runner = new(time);

    /// <inheritdoc/>
    public async Task<MintedCredential> MintAsync(CancellationToken cancellationToken)
    {
        try
        {
            var given = await _runner.RunAsync(definition.Plugin, definition.Settings, cancellationToken);
            var authorization = given.Token is { } token ? new Secret("Bearer " + token.Reveal()) : null;
            return new MintedCredential(new UpstreamCredential.Minted(authorization, given.Certificate), given.ExpiresAt);
        }
        catch (ExecPluginException exception)
        {
            throw new CredentialException(exception.Message, exception);
        }
    }
}
