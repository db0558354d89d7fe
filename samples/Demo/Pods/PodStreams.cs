using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Demo.Serving;
using Fairlead.Demo.Streaming;

namespace Fairlead.Demo.Pods;

/// <summary>Logs and commands of pods.</summary>
internal sealed class PodStreams(TimeSpan interval)
{
    private const int Backlog = 5;

    /// <summary>Answers a log request for a pod that exists.</summary>
    public Task LogAsync(ApiRequest request, JsonObject pod)
    {
        var container = request.Query("container");
        var known = pod["spec"]!["containers"]!.AsArray().Select(static item => item!["name"]!.GetValue<string>()).ToArray();
        if (container.Length > 0 && !known.Contains(container, StringComparer.Ordinal))
        {
            throw new ApiException(400, "BadRequest", $"container {container} is not valid for pod {request.Name}");
        }

        return LogAsync(request.Http, request.Name);
    }

    /// <summary>Writes a log: a few lines, then one in every interval while the client follows.</summary>
    public async Task LogAsync(HttpContext http, string pod)
    {
        var query = http.Request.Query;
        var tail = int.TryParse(query["tailLines"], CultureInfo.InvariantCulture, out var asked) ? Math.Min(asked, Backlog) : Backlog;
        http.Response.ContentType = "text/plain";
        var line = Backlog - tail;
        while (line < Backlog)
        {
            await WriteAsync(http, pod, ++line);
        }

        if (query["follow"].ToString() is not ("true" or "1"))
        {
            return;
        }

        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(http.RequestAborted))
            {
                await WriteAsync(http, pod, ++line);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has left.
        }
    }

    /// <summary>Runs a command over whichever streaming protocol the client asks for.</summary>
    public static Task ExecAsync(HttpContext http, IReadOnlyList<string> command)
    {
        if (http.WebSockets.IsWebSocketRequest)
        {
            return WebSocketExec.RunAsync(
                http,
                WebSocketExec.Choose(http) ?? throw new ApiException(400, "BadRequest", "no known sub-protocol was offered"),
                command);
        }

        if (!http.Request.Headers.Upgrade.ToString().StartsWith("SPDY/3.1", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(400, "BadRequest", "Upgrade request required");
        }

        string[] switches = ["stdin", "stdout", "stderr", "input", "output"];
        var expected = 1 + switches.Count(name => http.Request.Query[name].ToString() is "true" or "1")
            + (http.Request.Query["error"].ToString() is "1" ? 1 : 0)
            + (http.Request.Query["tty"].ToString() is "true" or "1" ? 1 : 0);
        return SpdyExec.RunAsync(http, command, expected);
    }

    private static async Task WriteAsync(HttpContext http, string pod, int line)
    {
        await http.Response.WriteAsync($"{pod} line {line.ToString(CultureInfo.InvariantCulture)}\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
