using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Bench;

/// <summary>The upstream of every peer: TLS, HTTP/2 and HTTP/1.1, a list of 1.8 KB for each GET, and watches that stay silent.</summary>
internal static class Upstream
{
    /// <summary>Runs until stopped; writes <c>ca.crt</c> and <c>url</c> into <paramref name="folder"/>.</summary>
    public static async Task<int> RunAsync(string folder)
    {
        var (authority, server) = Certificates();
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), authority);
        var body = Body();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = 250;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxConcurrentUpgradedConnections = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(server));
        });
        var app = builder.Build();
        app.Run(http => AnswerAsync(http, body));
        await app.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(folder, "url"), app.Urls.Single());
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static async Task AnswerAsync(HttpContext http, byte[] body)
    {
        if (http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            // An idle shell: the answer to the key of RFC 6455 1.3, which the bench's clients send, then silence.
            http.Response.Headers.SecWebSocketAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
            http.Response.Headers.Upgrade = "websocket";
            await using var stream = await upgrade.UpgradeAsync();
            await stream.ReadExactlyAsync(new byte[1], http.RequestAborted).AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
            return;
        }

        http.Response.ContentType = "application/json";
        if (!http.Request.Query.ContainsKey("watch"))
        {
            http.Response.ContentLength = body.Length;
            await http.Response.Body.WriteAsync(body);
            return;
        }

        await http.Response.Body.FlushAsync();
        await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static byte[] Body()
    {
        var items = Enumerable.Range(0, 12).Select(static i =>
            $$$"""{"metadata":{"name":"object-{{{i:00}}}","namespace":"default","uid":"00000000-0000-0000-0000-0000000000{{{i:00}}}","resourceVersion":"1"},"data":{"k":"v"} }""");
        return Encoding.UTF8.GetBytes($$"""{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{{string.Join(',', items)}}]}""");
    }

    private static (string Authority, X509Certificate2 Server) Certificates()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=bench", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var start = DateTimeOffset.UtcNow.AddHours(-1);
        using var authority = authorityRequest.CreateSelfSigned(start, start.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, start, start.AddDays(2), RandomNumberGenerator.GetBytes(8));
        return (authority.ExportCertificatePem(), signed.CopyWithPrivateKey(key));
    }
}
