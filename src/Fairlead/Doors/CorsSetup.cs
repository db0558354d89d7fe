using Fairlead.Clusters;
using Fairlead.Configuration;

namespace Fairlead.Doors;

/// <summary>CORS is decided by the gateway alone, for configured origins (contract F53, decision 30).</summary>
internal static class CorsSetup
{
    private static readonly string[] _allowedHeaders =
        ["Authorization", "Content-Type", "Backstage-Kubernetes-Cluster", "Backstage-Kubernetes-Authorization",
         ProviderToken.HeaderName("google", null), ProviderToken.HeaderName("aks", null)];

    private static readonly string[] _exposedHeaders = ["Retry-After", "Proxy-Status", "Fairlead-Transport", "pagination-total-count"];
    private static readonly string[] _methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// <summary>Answers preflights of the configured origins and marks answers to them.</summary>
    public static void Use(IApplicationBuilder app, GatewayOptions options)
    {
        var oidcHeaders = options.ClusterLocators.OfType<ClusterLocator.Config>()
            .SelectMany(static locator => locator.Clusters)
            .Select(static cluster => cluster.Credential)
            .OfType<CredentialDefinition.ClientSide>()
            .Where(static credential => credential.OidcTokenProvider is not null)
            .Select(static credential => ProviderToken.HeaderName(credential.Provider, credential.OidcTokenProvider));
        app.UseCors(policy => policy
            .WithOrigins([.. options.CorsOrigins])
            .WithMethods(_methods)
            .WithHeaders([.. _allowedHeaders, .. oidcHeaders.Distinct(StringComparer.OrdinalIgnoreCase)])
            .WithExposedHeaders(_exposedHeaders)
            // The origins are named one by one: their pages may use the session (contract F7).
            .AllowCredentials());
    }
}
