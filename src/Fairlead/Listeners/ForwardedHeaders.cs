using Fairlead.Configuration;

namespace Fairlead.Listeners;

/// <summary>
/// What a proxy in front says about the client (<c>trustedProxies</c>): its address, its scheme, the host that it named. Only of configured peers, and of their
/// headers only the last hop: what stands before it anybody can have written (row T12).
/// </summary>
internal static class ForwardedHeaders
{
    /// <summary>Puts it first.</summary>
    public static void Use(IApplicationBuilder app, GatewayOptions options)
    {
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders.XForwardedFor
                | Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders.XForwardedProto
                | Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders.XForwardedHost,
            ForwardLimit = 1,
        };
        // The defaults believe loopback.
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in options.TrustedProxies)
        {
            forwarded.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(forwarded);
    }
}
