using System.Net;
using System.Text.Json;

namespace Fairlead.Bench;

/// <summary>
/// The upstream of every peer: an API server that answers over TLS (HTTP/2 and HTTP/1.1) and, for Services and as the way without a proxy, over plain HTTP/1.1; the cluster that a Service is
/// looked up in; an identity provider.
/// </summary>
internal static class Upstream
{
    /// <summary>Runs until stopped; writes <c>ca.crt</c> and <c>url</c> into <paramref name="folder"/>, and at last <c>upstream.json</c> with all addresses.</summary>
    public static async Task<int> RunAsync(string folder)
    {
        var (authority, server) = UpstreamCertificates.Create();
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), authority);
        await using var identity = await UpstreamIdentity.StartAsync();
        var answers = new UpstreamAnswers(new UpstreamWatches(), identity);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = 250;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxConcurrentUpgradedConnections = null;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(server));
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        app.Run(answers.AnswerAsync);
        await app.StartAsync();
        var tls = app.Urls.Single(static url => url.StartsWith("https:", StringComparison.Ordinal));
        var plain = app.Urls.Single(static url => url.StartsWith("http:", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(folder, "url"), tls);

        await using var cluster = await UpstreamCluster.StartAsync(new Uri(plain));
        var serviceAuthority = Path.Combine(folder, "cluster-ca.crt");
        await File.WriteAllTextAsync(serviceAuthority, cluster.CertificateAuthorityPem);
        var addresses = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["tls"] = tls, ["plain"] = plain, ["issuer"] = identity.Issuer, ["clientId"] = UpstreamIdentity.ClientId, ["clientSecret"] = UpstreamIdentity.ClientSecret,
            ["cluster"] = cluster.Server.GetLeftPart(UriPartial.Authority), ["clusterCa"] = serviceAuthority, ["clusterToken"] = UpstreamCluster.Token,
        };
        var unfinished = Path.Combine(folder, "upstream.json.new");
        await File.WriteAllTextAsync(unfinished, JsonSerializer.Serialize(addresses));
        File.Move(unfinished, Path.Combine(folder, "upstream.json"));
        await app.WaitForShutdownAsync();
        return 0;
    }
}
