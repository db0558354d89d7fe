namespace Fairlead.Doors;

/// <summary>CORS is decided by the gateway alone, for configured origins (contract F53, decision 30).</summary>
internal static class CorsSetup
{
    private static readonly string[] _allowedHeaders = ["Authorization", "Content-Type", "Backstage-Kubernetes-Cluster", "Backstage-Kubernetes-Authorization"];
    private static readonly string[] _exposedHeaders = ["Retry-After", "Proxy-Status", "Fairlead-Transport", "pagination-total-count"];
    private static readonly string[] _methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// <summary>Answers preflights of <paramref name="origins"/> and marks answers to them.</summary>
    public static void Use(IApplicationBuilder app, IReadOnlyList<string> origins)
    {
        app.UseCors(policy => policy
            .WithOrigins([.. origins])
            .WithMethods(_methods)
            .WithHeaders(_allowedHeaders)
            .WithExposedHeaders(_exposedHeaders));
    }
}
