using Fairlead.Demo.Pods;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Fairlead.Demo;

/// <summary>A stand-in kubelet behind a real API server: the logs and commands of the demo's pods.</summary>
public sealed class DemoKubelet : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DemoCertificates _certificates;

    private DemoKubelet(WebApplication app, DemoCertificates certificates)
    {
        _app = app;
        _certificates = certificates;
        Port = new Uri(app.Urls.Single()).Port;
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>The authority of its certificate.</summary>
    public string CertificateAuthorityPem => _certificates.AuthorityPem;

    /// <summary>Starts it on loopback.</summary>
    public static async Task<DemoKubelet> StartAsync(TimeSpan logInterval, CancellationToken cancellationToken)
    {
        var certificates = new DemoCertificates();
        var app = DemoCluster.Build(0, certificates, ClientCertificateMode.NoCertificate);
        var pods = new PodStreams(logInterval);
        app.Run(http => http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["containerLogs", _, var pod, _] => pods.LogAsync(http, pod),
            ["exec", ..] => PodStreams.ExecAsync(http, [.. http.Request.Query["command"].Select(static word => word ?? "")]),
            ["attach", ..] => PodStreams.ExecAsync(http, ["cat"]),
            _ => NotFoundAsync(http),
        });
        await app.StartAsync(cancellationToken);
        return new DemoKubelet(app, certificates);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
