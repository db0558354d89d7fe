using System.Net;
using System.Security.Cryptography;
using Fairlead.Demo.Access;
using Fairlead.Demo.Charts;
using Fairlead.Demo.Pods;
using Fairlead.Demo.Serving;
using Fairlead.Demo.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Fairlead.Demo;

/// <summary>A small cluster in this process: a stand-in API server on a real socket, and a chart repository behind a Service.</summary>
public sealed class DemoCluster : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ChartRepository _charts;
    private readonly ServiceProxy _services;
    private readonly DemoCertificates _certificates;
    private readonly Authenticator _authenticator;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _controller;

    private DemoCluster(
        WebApplication app, ChartRepository charts, ServiceProxy services, DemoCertificates certificates, Authenticator authenticator, ObjectStore store)
    {
        _app = app;
        _charts = charts;
        _services = services;
        _certificates = certificates;
        _authenticator = authenticator;
        Server = new Uri(app.Urls.Single());
        AdminToken = AddToken("admin", "system:masters");
        _controller = new DeploymentController(store).RunAsync(_stopping.Token);
    }

    /// <summary>The API server's URL.</summary>
    public Uri Server { get; }

    /// <summary>The authority of its certificate.</summary>
    public string CertificateAuthorityPem => _certificates.AuthorityPem;

    /// <summary>A token of <c>system:masters</c>.</summary>
    public string AdminToken { get; }

    /// <summary>Where the chart repository's Service really listens.</summary>
    public Uri ChartRepository => _charts.Address;

    /// <summary>Starts a cluster on loopback.</summary>
    public static async Task<DemoCluster> StartAsync(DemoClusterOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var charts = await Charts.ChartRepository.StartAsync(options.ChartRepositoryPort, cancellationToken);
        var store = new ObjectStore();
        DemoContents.AddBasics(store);
        if (!options.Empty)
        {
            DemoContents.AddDemo(store, charts.Address);
        }

        var certificates = new DemoCertificates();
        var authenticator = new Authenticator();
        var services = new ServiceProxy(store, new Dictionary<string, Uri>(StringComparer.Ordinal) { [$"default/{DemoContents.ChartService}"] = charts.Address });
        var app = Build(options.Port, certificates, ClientCertificateMode.AllowCertificate);
        app.Run(new ApiServer(store, authenticator, new PodStreams(options.LogInterval), services).HandleAsync);
        await app.StartAsync(cancellationToken);
        return new DemoCluster(app, charts, services, certificates, authenticator, store);
    }

    /// <summary>Makes a bearer token for a user.</summary>
    public string AddToken(string user, params string[] groups)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        _authenticator.Add(token, new Identity(user, groups));
        return token;
    }

    /// <summary>Makes a client certificate for a user.</summary>
    public (string CertificatePem, string KeyPem) IssueClientCertificate(string user, params string[] groups) => _certificates.Client(user, groups);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _controller;
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        await _charts.DisposeAsync();
        _services.Dispose();
        _stopping.Dispose();
    }

    /// <summary>A server with the API server's limits: long commands and selectors, bodies of any size, slow watches.</summary>
    internal static WebApplication Build(int port, DemoCertificates certificates, ClientCertificateMode clients)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestLineSize = 64 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 128 * 1024;
            kestrel.Limits.Http2.MaxRequestHeaderFieldSize = 128 * 1024;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = certificates.Server();
                https.ClientCertificateMode = clients;
                https.ClientCertificateValidation = (certificate, _, _) => certificates.HasSigned(certificate);
            }));
        });
        var app = builder.Build();
        app.UseWebSockets();
        return app;
    }
}
