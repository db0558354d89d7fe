using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Fairlead.Demo.Access;
using Fairlead.Demo.Charts;
using Fairlead.Demo.Pods;
using Fairlead.Demo.Resources;
using Fairlead.Demo.Serving;
using Fairlead.Demo.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Yarp.ReverseProxy.Forwarder;

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
    private readonly ObjectStore _store;
    private readonly ApiServer _apiServer;

    private DemoCluster(
        WebApplication app, ChartRepository charts, ServiceProxy services, DemoCertificates certificates, Authenticator authenticator, ObjectStore store, ApiServer apiServer)
    {
        _store = store;
        _apiServer = apiServer;
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
        var app = Build(options.Port, certificates, ClientCertificateMode.AllowCertificate);
        var services = new ServiceProxy(store, app.Services.GetRequiredService<IHttpForwarder>());
        var server = new ApiServer(store, authenticator, new PodStreams(options.LogInterval), services);
        app.Run(server.HandleAsync);
        await app.StartAsync(cancellationToken);
        return new DemoCluster(app, charts, services, certificates, authenticator, store, server);
    }

    /// <summary>The last requests, oldest first.</summary>
    public IReadOnlyList<ServedRequest> Requests => _apiServer.Requests;

    /// <summary>Makes a bearer token for a user.</summary>
    public string AddToken(string user, params string[] groups)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        LetIn(token, user, groups);
        return token;
    }

    /// <summary>Lets the holder of a token in as a user.</summary>
    public void LetIn(string token, string user, params string[] groups) => _authenticator.Add(token, new Identity(user, groups));

    /// <summary>Lets nobody in by that token any more.</summary>
    public void LockOut(string token) => _authenticator.Remove(token);

    /// <summary>Creates an object, or puts it in place of the one of that name. It needs <c>apiVersion</c>, <c>kind</c> and a name.</summary>
    public void Put(string json)
    {
        var value = JsonNode.Parse(json)!.AsObject();
        var type = ResourceCatalog.Types.Single(type => string.Equals(type.Kind, value["kind"]!.GetValue<string>(), StringComparison.Ordinal));
        var (@namespace, name) = (value["metadata"]!["namespace"]?.GetValue<string>() ?? "", value["metadata"]!["name"]!.GetValue<string>());
        var filled = Defaults.Fill(type, value);
        if (_store.Get(type, @namespace, name) is null)
        {
            _store.Create(type, filled, dryRun: false);
        }
        else
        {
            _store.Update(type, @namespace, name, _ => filled, dryRun: false);
        }
    }

    /// <summary>Takes an object away, if it is there.</summary>
    public void Remove(string kind, string @namespace, string name) =>
        _store.Delete(ResourceCatalog.Types.Single(type => string.Equals(type.Kind, kind, StringComparison.Ordinal)), @namespace, name);

    /// <summary>Stops answering: every request from now on gets this status, and running watches end. 0 lets the server answer again.</summary>
    public void Fail(int status) => _apiServer.Fail(status);

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
        _apiServer.Dispose();
        _stopping.Dispose();
    }

    /// <summary>A server with the API server's limits: long commands and selectors, bodies of any size, slow watches.</summary>
    internal static WebApplication Build(int port, DemoCertificates certificates, ClientCertificateMode clients)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddHttpForwarder();
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
