using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Demo.Charts;

/// <summary>A small chart repository with the API of ChartMuseum: what stands behind the demo's Service.</summary>
public sealed class ChartRepository : IAsyncDisposable
{
    private const string File = "hello-0.1.0.tgz";
    private readonly WebApplication _app;

    private ChartRepository(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts it on loopback.</summary>
    /// <param name="port">The port; 0 lets the system choose.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ChartRepository> StartAsync(int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        var archive = Archive();
        app.Run(http => AnswerAsync(http, archive));
        await app.StartAsync(cancellationToken);
        return new ChartRepository(app);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext http, byte[] archive)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(archive));
        var chart = new JsonObject
        {
            ["name"] = "hello", ["version"] = "0.1.0", ["apiVersion"] = "v2", ["description"] = "Says hello", ["digest"] = digest, ["urls"] = new JsonArray($"charts/{File}"),
        };
        switch (http.Request.Path.Value)
        {
            case "/health":
                await JsonAsync(http, new JsonObject { ["healthy"] = true });
                break;
            case "/index.yaml":
                http.Response.ContentType = "application/x-yaml";
                await http.Response.WriteAsync($"apiVersion: v1\nentries:\n  hello:\n  - {chart.ToJsonString()}\n", http.RequestAborted);
                break;
            case "/api/charts":
                await JsonAsync(http, new JsonObject { ["hello"] = new JsonArray(chart) });
                break;
            case "/api/charts/hello":
                await JsonAsync(http, new JsonArray(chart));
                break;
            case $"/charts/{File}":
                http.Response.ContentType = "application/x-tar";
                await http.Response.Body.WriteAsync(archive, http.RequestAborted);
                break;
            case "/":
                http.Response.ContentType = "text/html; charset=utf-8";
                await http.Response.WriteAsync("<!DOCTYPE html><title>Charts</title><h1>Charts</h1>", http.RequestAborted);
                break;
            default:
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                await JsonAsync(http, new JsonObject { ["error"] = "not found" });
                break;
        }
    }

    private static Task JsonAsync(HttpContext http, JsonNode body)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(body.ToJsonString(), http.RequestAborted);
    }

    private static byte[] Archive()
    {
        using var buffer = new MemoryStream();
        using (var zip = new GZipStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
        using (var tar = new TarWriter(zip))
        {
            Add(tar, "hello/Chart.yaml", "apiVersion: v2\nname: hello\nversion: 0.1.0\ndescription: Says hello\n");
            Add(tar, "hello/templates/hello.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"{{ .Release.Name }}\"}\ndata: {greeting: hello}\n");
        }

        return buffer.ToArray();
    }

    private static void Add(TarWriter tar, string name, string text) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
}
