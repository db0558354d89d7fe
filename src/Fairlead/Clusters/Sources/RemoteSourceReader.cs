using Fairlead.Configuration;
using Fairlead.Credentials.Minting;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Clusters.Sources;

/// <summary>Asks sources over the network. Bounded in time by who calls.</summary>
/// <param name="clusters">The clusters of the gateway, for sources that one of them holds.</param>
/// <param name="resolve">Resolves names.</param>
/// <param name="google">Gives tokens of Google accounts.</param>
internal sealed class RemoteSourceReader(ClusterFinder clusters, NameResolver resolve, GoogleTokens google)
{
    private readonly SourceHttp _http = new();
    private readonly PublicHosts _hosts = new(resolve);

    /// <summary>Asks a source for its clusters.</summary>
    /// <exception cref="ClusterSourceException">It cannot be asked, or what it says makes no sense.</exception>
    public Task<ClusterSourceResult> ReadAsync(ClusterLocator.Remote locator, CancellationToken cancellationToken) => locator switch
    {
        ClusterLocator.BackstageCatalog catalog => new BackstageCatalogSource(catalog, _http, _hosts).ReadAsync(cancellationToken),
        ClusterLocator.Gke gke => new GkeSource(gke, _http, google).ReadAsync(cancellationToken),
        ClusterLocator.ClusterSecrets secrets => new ClusterSecretsSource(secrets, clusters).ReadAsync(cancellationToken),
        _ => throw new ArgumentOutOfRangeException(nameof(locator), locator.GetType().Name, "This kind of source has no reader."),
    };

    /// <summary>Tokens as Google gives them.</summary>
    /// <exception cref="ClusterSourceException">It gives none.</exception>
    public static async Task<Kubernetes.Secrets.Secret> GoogleAsync(Kubernetes.Secrets.Secret? key, CancellationToken cancellationToken)
    {
        try
        {
            return (await GoogleAccessToken.GetAsync(key, cancellationToken)).Value;
        }
        catch (CredentialException exception)
        {
            throw new ClusterSourceException($"cannot be asked: {exception.Message}", exception);
        }
    }
}
