using System.Globalization;
using System.Net;
using Fairlead.Demo;

namespace Fairlead.Bench;

/// <summary>A cluster with one Service: its API server, and what stands behind <c>default/web</c> over plain HTTP.</summary>
internal static class Services
{
    private const string Token = "bench-account";

    /// <summary>Runs until stopped; writes <c>upstream</c> (the Service's address), <c>url</c>, <c>ca.crt</c> and <c>token</c> into <paramref name="folder"/>.</summary>
    public static async Task<int> RunAsync(string folder)
    {
        var body = new byte[1800];
        Array.Fill(body, (byte)'x');
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        app.Run(http => AnswerAsync(http, body));
        await app.StartAsync();
        var service = new Uri(app.Urls.Single());

        await using var cluster = await DemoCluster.StartAsync(new DemoClusterOptions { Empty = true }, CancellationToken.None);
        cluster.LetIn(Token, "gateway", "system:masters");
        cluster.LetIn("user-token", "ann", "system:masters");
        cluster.Put("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},"spec":{"clusterIP":"None","ports":[{"name":"http","port":80}]} }""");
        cluster.Put(string.Create(CultureInfo.InvariantCulture, $$"""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4","metadata":{"name":"web-1","namespace":"default","labels":{"kubernetes.io/service-name":"web"} },
             "ports":[{"name":"http","port":{{service.Port}}}],"endpoints":[{"addresses":["127.0.0.1"],"conditions":{"ready":true} }]}
            """));
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), cluster.CertificateAuthorityPem);
        await File.WriteAllTextAsync(Path.Combine(folder, "token"), Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "url"), cluster.Server.GetLeftPart(UriPartial.Authority));
        await File.WriteAllTextAsync(Path.Combine(folder, "upstream"), service.Authority);
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static async Task AnswerAsync(HttpContext http, byte[] small)
    {
        if (HttpMethods.IsPost(http.Request.Method))
        {
            await http.Request.Body.CopyToAsync(Stream.Null, 256 * 1024, http.RequestAborted);
            return;
        }

        if (!http.Request.Query.TryGetValue("bytes", out var asked))
        {
            http.Response.ContentLength = small.Length;
            await http.Response.Body.WriteAsync(small);
            return;
        }

        var left = long.Parse(asked.ToString(), CultureInfo.InvariantCulture);
        http.Response.ContentLength = left;
        var piece = new byte[256 * 1024];
        for (; left > 0; left -= piece.Length)
        {
            await http.Response.Body.WriteAsync(piece.AsMemory(0, (int)Math.Min(left, piece.Length)), http.RequestAborted);
        }
    }
}
