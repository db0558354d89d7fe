using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Callers.Tokens;
using Fairlead.Configuration;
using Fairlead.Recording;
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
/// <param name="Recording">Which sessions are recorded; null for none.</param>
internal sealed record GatewaySnapshot(
    GatewayOptions Options, ClusterCatalog Catalog, CallerDirectory Directory, AccessPolicy Policy, TokenVerifier Tokens, OidcProviders Oidc, PortalPermissions? Permissions = null, RecordingPolicy? Recording = null);

/// <summary>Holds the snapshot in force.</summary>
internal sealed class GatewayState : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ClusterFinder _finder;
    private volatile GatewaySnapshot _current;

    /// <summary>Puts the first one in force.</summary>
    /// <param name="first">The snapshot at start.</param>
    /// <param name="finder">Finds clusters for others of them.</param>
    public GatewayState(GatewaySnapshot first, ClusterFinder finder)
    {
        (_current, _finder) = (first, finder);
        finder.Use(first.Catalog);
    }

    /// <summary>The snapshot in force.</summary>
    public GatewaySnapshot Current => _current;

    /// <summary>Puts what <paramref name="make"/> makes of the snapshot in force into its place, and takes the clusters out of service that it no longer holds. One at a time: no change is lost.</summary>
    public void Update(Func<GatewaySnapshot, GatewaySnapshot> make)
    {
        lock (_lock)
        {
            var previous = _current;
            _current = make(previous);
            _finder.Use(_current.Catalog);
            foreach (var cluster in previous.Catalog.Clusters.Except(_current.Catalog.Clusters))
            {
                cluster.Dispose();
            }
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
