using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Callers.Tokens;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Recording;
using Fairlead.Sessions.Oidc;

namespace Fairlead;

/// <summary>Makes snapshots. What a reload leaves alone lives on: clusters with their connections, issuers with their keys.</summary>
/// <param name="catalogs">Builds catalogues of clusters.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">The log.</param>
internal sealed class SnapshotFactory(CatalogFactory catalogs, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>The snapshot with the clusters as their sources have them now.</summary>
    public GatewaySnapshot WithClusters(GatewaySnapshot current) => current with { Catalog = catalogs.Build(current.Options, current.Catalog) };

    /// <summary>The snapshot of a configuration.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="previous">What is in force; null at start.</param>
    public GatewaySnapshot Make(GatewayOptions options, GatewaySnapshot? previous) => new(
        options,
        catalogs.Build(options, previous?.Catalog),
        new CallerDirectory(options.Auth),
        new AccessPolicy(options.AccessRules),
        TokenVerifier.For(options.Auth, previous?.Tokens, time, loggers),
        new OidcProviders(options.Auth?.Oidc ?? [], previous?.Oidc, time, loggers),
        PortalPermissions.For(options.Auth?.Backstage, options.Timeouts.ReviewedFor, previous?.Permissions, time, loggers.CreateLogger<PortalPermissions>()),
        options.Recording is { } recording ? new RecordingPolicy(recording) : null);
}
