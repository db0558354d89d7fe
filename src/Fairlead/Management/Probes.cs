namespace Fairlead.Management;

/// <summary>The management listener: is the process alive, and may it get traffic. Start-up never waits for a cluster.</summary>
internal sealed class Probes(IHostApplicationLifetime lifetime)
{
    /// <summary>Answers a request of the management listener.</summary>
    public Task HandleAsync(HttpContext http)
    {
        var (status, text) = http.Request.Path.Value switch
        {
            _ when !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method) => (StatusCodes.Status405MethodNotAllowed, "use GET"),
            "/livez" => (StatusCodes.Status200OK, "ok"),
            "/readyz" when lifetime.ApplicationStopping.IsCancellationRequested => (StatusCodes.Status503ServiceUnavailable, "stopping"),
            "/readyz" => (StatusCodes.Status200OK, "ok"),
            _ => (StatusCodes.Status404NotFound, "not found"),
        };
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(text, http.RequestAborted);
    }
}
