using System.Globalization;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Draining;

namespace Fairlead.Management;

/// <summary>The management listener: is the process alive, and may it get traffic. Start-up never waits for a cluster, and no source of clusters makes it unready.</summary>
/// <param name="drain">Whether the process stops.</param>
/// <param name="state">What is in force.</param>
/// <param name="reloader">How changes of the configuration went.</param>
/// <param name="remote">How sources over the network stand.</param>
internal sealed class Probes(Drain drain, GatewayState state, ConfigurationReloader reloader, RemoteSources remote)
{
    /// <summary>Answers a request of the management listener.</summary>
    public Task HandleAsync(HttpContext http)
    {
        var (status, text) = http.Request.Path.Value switch
        {
            _ when !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method) => (StatusCodes.Status405MethodNotAllowed, "use GET"),
            "/livez" => (StatusCodes.Status200OK, "ok"),
            "/readyz" when drain.HasBegun => (StatusCodes.Status503ServiceUnavailable, "stopping"),
            "/readyz" when http.Request.Query.ContainsKey("verbose") => (StatusCodes.Status200OK, Configuration() + Sources()),
            "/readyz" => (StatusCodes.Status200OK, "ok"),
            _ => (StatusCodes.Status404NotFound, "not found"),
        };
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(text, http.RequestAborted);
    }

    /// <summary>A refused change makes nothing unready: the last good configuration is in force.</summary>
    private string Configuration() => reloader.Status switch
    {
        { Refusal: not null } status => $"[-]configuration failed: {status}\n",
        { AwaitRestart.Count: > 0 } status => $"[+]configuration ok ({status})\n",
        _ => "[+]configuration ok\n",
    };

    /// <summary>A line for each source, in the form of an API server's own checks.</summary>
    private string Sources()
    {
        var (options, catalog) = (state.Current.Options, state.Current.Catalog);
        var lines = SourceState.All(options, catalog, remote).Select(static source =>
            source.Failure is { } failure ? $"[-]source {source.Name} failed: {failure} ({source.Count} as before)\n"
            : source.Problems.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"[+]source {source.Name} ok ({source.Count}, {source.Problems.Count} {(source.Problems.Count == 1 ? "problem" : "problems")})\n")
            : $"[+]source {source.Name} ok ({source.Count})\n");
        return string.Concat(lines) + "readyz check passed\n";
    }
}
