using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// An upstream in a process of its own, for tests that kill, stop and exchange it: ADDRESS PORT [CERTIFICATE KEY].
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = null;
    kestrel.Limits.MinRequestBodyDataRate = null;
    kestrel.Limits.MinResponseDataRate = null;
    kestrel.Listen(IPAddress.Parse(args[0]), int.Parse(args[1], CultureInfo.InvariantCulture), listen =>
    {
        if (args.Length > 2)
        {
            listen.UseHttps(X509Certificate2.CreateFromPemFile(args[2], args[3]));
        }
    });
});
var app = builder.Build();
app.Run(async http =>
{
    var (request, response, left) = (http.Request, http.Response, http.RequestAborted);
    if (request.Path.Value!.EndsWith("/silent", StringComparison.Ordinal))
    {
        await Task.Delay(Timeout.Infinite, left);
    }
    else if (request.Query.ContainsKey("watch"))
    {
        await response.WriteAsync("{\"type\":\"ADDED\"}\n", left);
        await response.Body.FlushAsync(left);
        await Task.Delay(Timeout.Infinite, left);
    }
    else if (request.Path.Value.EndsWith("/half", StringComparison.Ordinal))
    {
        response.ContentLength = 1_000_000;
        await response.WriteAsync(new string('x', 1000), left);
        await response.Body.FlushAsync(left);
        await Task.Delay(Timeout.Infinite, left);
    }
    else if (request.Path.Value.EndsWith("/large", StringComparison.Ordinal))
    {
        var piece = new byte[64 * 1024];
        for (var i = 0; i < 1024; i++)
        {
            await response.Body.WriteAsync(piece, left);
        }
    }
    else
    {
        var (read, buffer) = (0L, new byte[64 * 1024]);
        while (await request.Body.ReadAsync(buffer, left) is var count and > 0)
        {
            read += count;
        }

        await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{args[0]} {read} {request.Headers.Authorization}"), left);
    }
});
await app.StartAsync();
Console.WriteLine("listens on " + app.Urls.First());
await app.WaitForShutdownAsync();
