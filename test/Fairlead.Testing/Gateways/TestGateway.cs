using System.Security.Cryptography;
using System.Text;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Commands;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Limits;
using Fairlead.Testing.Clients;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fairlead.Testing.Gateways;

/// <summary>
/// A real gateway in this process, on real sockets: http, and https with a certificate of <see cref="Certificates.TestCertificates.Shared"/>.
/// The machine caller <see cref="Token"/> is in the group <c>portal</c>, which a rule lets do everything unless the test says otherwise.
/// </summary>
internal sealed class TestGateway : IAsyncDisposable
{
    /// <summary>The portal token of the machine caller.</summary>
    public const string Token = "portal-token";

    /// <summary>Its <c>tokenSha256</c>, for configurations that are written.</summary>
    public static string TokenHash { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Token)));

    // Written once: tests run side by side.
    private static readonly TlsFiles _tls = WriteCertificate();

    private readonly GatewayServer _server;
    private GatewayOptions _next;
    private string? _error;

    private TestGateway(GatewayServer server, GatewayOptions options, LogRecorder log)
    {
        _server = server;
        _next = options;
        Log = log;
    }

    /// <summary>The http port.</summary>
    public int Port => _server.Addresses[0].Port;

    /// <summary>The https port.</summary>
    public int TlsPort => _server.Addresses[1].Port;

    /// <summary>The management port.</summary>
    public int ManagementPort => _server.ManagementAddress!.Port;

    /// <summary>The running server.</summary>
    public GatewayServer Server => _server;

    /// <summary>Everything that was logged, at every level.</summary>
    public LogRecorder Log { get; }

    /// <summary>The rule that lets the group <c>portal</c> do everything.</summary>
    public static AccessRule AllowAll { get; } = new() { Groups = ["portal"], Clusters = ["*"], Namespaces = ["*"], Resources = ["*"], Verbs = ["*"] };

    /// <summary>The options that tests start from, with these clusters under the locator <c>config</c>.</summary>
    public static GatewayOptions Options(params ClusterDefinition[] clusters) => new()
    {
        Listen = [new Uri("http://127.0.0.1:0"), new Uri("https://127.0.0.1:0")],
        Tls = _tls,
        ManagementListen = new Uri("http://127.0.0.1:0"),
        ClusterLocators = [new ClusterLocator.Config("config", clusters)],
        Auth = new AuthOptions { Static = [Caller("portal-caller", Token, "portal")] },
        AccessRules = [AllowAll],
        Timeouts = new TimeoutOptions { FileCheck = TimeSpan.FromMilliseconds(50) },
        // Tests are quicker than people; those of the rate set one.
        Limits = new LimitOptions { Rate = new RateLimit(null, null, null) },
    };

    /// <summary>A machine caller.</summary>
    public static StaticToken Caller(string subject, string token, params string[] groups) =>
        new(subject, SHA256.HashData(Encoding.UTF8.GetBytes(token)), groups);

    /// <summary>Starts a gateway with these clusters and the default options.</summary>
    public static Task<TestGateway> StartAsync(params ClusterDefinition[] clusters) => StartAsync(Options(clusters));

    /// <summary>Starts a gateway.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="sources">Reads sources on this machine.</param>
    /// <param name="resolve">Resolves names; null for the system's resolver.</param>
    /// <param name="google">Gives tokens of Google accounts; null for Google.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public static async Task<TestGateway> StartAsync(GatewayOptions options, ClusterSources? sources = null, NameResolver? resolve = null, GoogleTokens? google = null, TimeProvider? time = null)
    {
        var log = new LogRecorder();
        TestGateway? gateway = null;
        var (server, errors) = await GatewayServer.StartAsync(
            () => gateway is null ? new ConfigurationResult(options, []) : gateway.Read(),
            sources ?? (static locator => ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal))),
            logging =>
            {
                logging.ClearProviders();
                logging.AddProvider(log);
                logging.SetMinimumLevel(LogLevel.Trace);
                if (resolve is not null)
                {
                    logging.Services.AddSingleton(resolve);
                }

                if (google is not null)
                {
                    logging.Services.AddSingleton(google);
                }
            },
            CancellationToken.None,
            time);
        return gateway = new TestGateway(server ?? throw new InvalidOperationException(string.Join('\n', errors)), options, log);
    }

    /// <summary>Puts other options into force, as a reload does, and waits for it. The options have to name <see cref="GatewayOptions.Files"/> to be watched.</summary>
    /// <param name="options">The next options.</param>
    /// <param name="touched">A watched file, which is written to.</param>
    public async Task ReloadAsync(GatewayOptions options, string touched)
    {
        _next = options;
        _error = null;
        var before = Log.Count(601);
        await File.AppendAllTextAsync(touched, "\n");
        await Eventually.BeTrueAsync(() => Log.Count(601) > before, "the configuration is reloaded");
    }

    /// <summary>Makes a watched file wrong, as a reload sees it, and waits until that is reported. <see cref="ReloadAsync"/> mends it.</summary>
    /// <param name="error">What is wrong.</param>
    /// <param name="touched">A watched file, which is written to.</param>
    public async Task ReloadWrongAsync(string error, string touched)
    {
        _error = error;
        var before = Log.Count(602);
        await File.AppendAllTextAsync(touched, "\n");
        await Eventually.BeTrueAsync(() => Log.Count(602) > before, "the configuration is refused");
    }

    /// <summary>Sends one request at the http port, with the portal token, and reads the whole answer.</summary>
    public Task<RawResponse> SendAsync(RawRequest request) => RawClient.ExchangeAsync(Port, request.WithBearer(Token));

    /// <summary>Sends one request as it is.</summary>
    public Task<RawResponse> SendBareAsync(RawRequest request) => RawClient.ExchangeAsync(Port, request);

    /// <summary>A GET of <c>/api/kubernetes/proxy</c> plus <paramref name="path"/> to <paramref name="cluster"/>, with the portal token.</summary>
    public Task<RawResponse> GetAsync(string path, string cluster) => SendAsync(RawRequest.Get("/api/kubernetes/proxy" + path).With("Backstage-Kubernetes-Cluster", cluster));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private ConfigurationResult Read()
    {
        SourceFile[] files = [.. _next.Files.Select(static file => SourceFile.Of(file.Path))];
        return _error is null ? new(_next with { Files = files }, []) : new(null, [new ConfigurationError("", _error, null)]) { Files = files };
    }

    private static TlsFiles WriteCertificate()
    {
        var folder = new TempFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        var (certificate, key) = Certificates.TestCertificates.Shared.Server().WriteTo(folder, "gateway");
        return new TlsFiles(certificate, key);
    }
}
