using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Bench;

/// <summary>A bare YARP forwarder on the settings that Fairlead uses: what the engine alone costs.</summary>
internal static class BareForwarder
{
    /// <summary>Runs until stopped; what has been allocated is asked for at a port of its own, so that no request is looked at for it.</summary>
    public static async Task<int> RunAsync(Uri upstream, string authorityFile, int port, int tlsPort, string certificateFile, string keyFile, int allocatedPort)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Listen(IPAddress.Loopback, tlsPort, listen => listen.UseHttps(X509Certificate2.CreateFromPemFile(certificateFile, keyFile)));
        });
        var app = builder.Build();
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authorityFile);
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null, EnableMultipleHttp2Connections = true, InitialHttp2StreamWindowSize = 128 * 1024,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
        });
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        var prefix = upstream.GetLeftPart(UriPartial.Authority);
        var config = new ForwarderRequestConfig { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        app.Run(async http => await forwarder.SendAsync(http, prefix, client, config, RawTarget.Instance));
        await app.StartAsync();

        var counted = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        counted.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, allocatedPort));
        await using var counter = counted.Build();
        counter.Run(static http => http.Response.WriteAsync(GC.GetTotalAllocatedBytes(precise: true).ToString(CultureInfo.InvariantCulture)));
        await counter.StartAsync();
        await app.WaitForShutdownAsync();
        return 0;
    }

    /// <summary>The target as it came, as every other peer sends it on.</summary>
    private sealed class RawTarget : HttpTransformer
    {
        private static readonly UriCreationOptions _verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

        public static RawTarget Instance { get; } = new();

        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.RequestUri = new Uri(destinationPrefix + httpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, _verbatim);
            proxyRequest.Headers.Host = null;
        }
    }
}
