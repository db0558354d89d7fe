using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Callers.Tokens;
using Fairlead.Configuration;
using Fairlead.Sessions.Oidc;

namespace Fairlead;

/// <summary>Everything that a reload can change, as one unit: a request reads it once and works with that to its end.</summary>
/// <param name="Options">The configuration it was made from.</param>
/// <param name="Catalog">The clusters.</param>
/// <param name="Directory">The known callers.</param>
/// <param name="Policy">The access rules.</param>
/// <param name="Tokens">Verifies tokens of configured issuers.</param>
/// <param name="Oidc">The providers of browser logins.</param>
/// <param name="Permissions">The portal as a judge at the Backstage door; null where it is none.</param>
internal sealed record GatewaySnapshot(
    GatewayOptions Options, ClusterCatalog Catalog, CallerDirectory Directory, AccessPolicy Policy, TokenVerifier Tokens, OidcProviders Oidc, PortalPermissions? Permissions = null);

/// <summary>Holds the snapshot in force.</summary>
/// <param name="first">The snapshot at start.</param>
internal sealed class GatewayState(GatewaySnapshot first) : IDisposable
{
    private volatile GatewaySnapshot _current = first;

    /// <summary>The snapshot in force.</summary>
    public GatewaySnapshot Current => _current;

    /// <summary>Puts <paramref name="next"/> in force and takes the clusters out of service that it no longer holds.</summary>
    public void Replace(GatewaySnapshot next)
    {
        var previous = _current;
        _current = next;
        foreach (var cluster in previous.Catalog.Clusters.Except(next.Catalog.Clusters))
        {
            cluster.Dispose();
        }
    }

    /// <summary>Takes every cluster out of service.</summary>
    public void Dispose()
    {
        foreach (var cluster in _current.Catalog.Clusters)
        {
            cluster.Dispose();
        }
    }
}
