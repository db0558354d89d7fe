using Azure.Core;
using Azure.Identity;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials.Minting;

/// <summary>Azure AKS: a token of the process's Azure identity for the AKS server application, renewed 15 minutes before its end (contract S29).</summary>
/// <param name="time">The clock.</param>
internal sealed class AzureMinter(TimeProvider time) : ICredentialMinter
{
    /// <summary>The AKS server application of all clouds, as Backstage asks for it.</summary>
    public const string Scope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";

    private static readonly TimeSpan _beforeTheEnd = TimeSpan.FromMinutes(15);
    private static readonly string[] _publicHosts =
        ["login.microsoftonline.com", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn", "login.microsoftonline.us", "login.microsoftonline.de", "login.windows.net", "login.microsoft.com", "sts.windows.net"];

    /// <inheritdoc/>
    public async Task<MintedCredential> MintAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A new one each time: a credential keeps its token until 5 minutes before the end, whoever asks, and also when a cluster has refused it.
            var token = await new DefaultAzureCredential(Options()).GetTokenAsync(new TokenRequestContext([Scope]), cancellationToken);
            var renewAfter = token.ExpiresOn - time.GetUtcNow() - _beforeTheEnd;
            return new MintedCredential(
                new UpstreamCredential.Minted(new Secret("Bearer " + token.Token)), token.ExpiresOn, renewAfter > TimeSpan.Zero ? renewAfter : null);
        }
        catch (CredentialUnavailableException exception)
        {
            throw new CredentialException(
                "no Azure identity was found; one of these has to be there: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, AZURE_FEDERATED_TOKEN_FILE (workload identity), or a managed identity", exception);
        }
        catch (AuthenticationFailedException exception)
        {
            throw new CredentialException(
                "Azure gives the gateway's identity no token for AKS: check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret, certificate or federation of that application, and that AZURE_AUTHORITY_HOST can be reached", exception);
        }
        catch (Exception exception) when (exception is ArgumentException or UriFormatException or InvalidOperationException)
        {
            throw new CredentialException("the settings of Azure cannot be used: AZURE_AUTHORITY_HOST has to be an https URL, and AZURE_TOKEN_CREDENTIALS one of Azure's names", exception);
        }
    }

    /// <summary>The sources of Backstage's own credential; what asks a person at the screen is left out.</summary>
    private static DefaultAzureCredentialOptions Options()
    {
        var options = new DefaultAzureCredentialOptions
        {
            ExcludeInteractiveBrowserCredential = true,
            ExcludeBrokerCredential = true,
            ExcludeVisualStudioCredential = true,
            ExcludeVisualStudioCodeCredential = true,
        };

        // Microsoft's list of hosts does not know those of private clouds, and would have to be reached.
        options.DisableInstanceDiscovery = !_publicHosts.Contains(options.AuthorityHost.Host, StringComparer.OrdinalIgnoreCase);
        return options;
    }
}
