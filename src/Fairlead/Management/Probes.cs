namespace Fairlead.Management;

/// <summary>The management listener: is the process alive, and may it get traffic. Start-up never waits for a cluster, and no source of clusters makes it unready.</summary>
/// <param name="lifetime">Whether the process stops.</param>
/// <param name="checks">What can be asked.</param>
internal sealed class Probes(IHostApplicationLifetime lifetime, HealthChecks checks)
{
    private const string Alive = "/livez";
    private const string Ready = "/readyz";

    /// <summary>Answers a request of the management listener that nothing else answers.</summary>
    public Task HandleAsync(HttpContext http)
    {
        var (status, text) = http.Request.Path.Value switch
        {
            _ when !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method) => (StatusCodes.Status405MethodNotAllowed, "use GET"),
            Alive => Answer(http, "livez", HealthChecks.Life),
            Ready when lifetime.ApplicationStopping.IsCancellationRequested => (StatusCodes.Status503ServiceUnavailable, "stopping"),
            Ready => Answer(http, "readyz", checks.All()),
            { } path when path.StartsWith(Alive + "/", StringComparison.Ordinal) => Single(path[(Alive.Length + 1)..], HealthChecks.Life),
            { } path when path.StartsWith(Ready + "/", StringComparison.Ordinal) => Single(path[(Ready.Length + 1)..], checks.All()),
            _ => NotFound,
        };
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "no-cache, no-store, must-revalidate";
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(text, http.RequestAborted);
    }

    private static (int Status, string Text) NotFound => (StatusCodes.Status404NotFound, "not found");

    /// <summary>All of them, where that is asked for. <c>exclude</c> leaves some out, as API servers do it.</summary>
    private static (int Status, string Text) Answer(HttpContext http, string group, IEnumerable<HealthCheck> all)
    {
        var query = http.Request.Query;
        if (!query.ContainsKey("verbose"))
        {
            return (StatusCodes.Status200OK, "ok");
        }

        var excluded = query["exclude"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var lines = new List<string>();
        foreach (var check in all)
        {
            lines.Add(excluded.Remove(check.Name) ? $"[+]{check.Name} excluded: ok\n" : check.Line);
        }

        if (excluded.Count > 0)
        {
            // Their number only: what somebody has made up is not said back to them.
            lines.Add("warn: some health checks cannot be excluded: there are none of that name\n");
        }

        return (StatusCodes.Status200OK, string.Concat(lines) + group + " check passed\n");
    }

    /// <summary>One of them alone: what is not well is an error here, whatever it means for the process.</summary>
    private static (int Status, string Text) Single(string name, IEnumerable<HealthCheck> all)
    {
        // Names of clusters and sources stand behind a slash here, and behind a space in the list.
        var space = name.IndexOf('/', StringComparison.Ordinal);
        var listed = space < 0 ? name : $"{name[..space]} {name[(space + 1)..]}";
        return all.FirstOrDefault(check => string.Equals(check.Name, listed, StringComparison.Ordinal)) switch
        {
            null => NotFound,
            { IsWell: true } => (StatusCodes.Status200OK, "ok"),
            { Line: var line } => (StatusCodes.Status500InternalServerError, line),
        };
    }
}
