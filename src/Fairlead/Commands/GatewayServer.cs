using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.FirstRun;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Listeners;
using Fairlead.State;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Commands;

/// <summary>A running gateway: what <c>serve</c>, the demo and the tests start.</summary>
internal sealed class GatewayServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FirstRunSetup? _firstRun;
    private readonly KubeconfigFile? _kubeconfig;
    private readonly StateFolder? _state;

    private GatewayServer(WebApplication app, GatewayOptions options, FirstRunSetup? firstRun, GeneratedCertificate? certificate, StateFolder? state)
    {
        _state = state;
        _app = app;
        _firstRun = firstRun;
        Options = options;
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
            .Select(static address => new Uri(address)).ToArray();
        // Kestrel lists addresses in the order of the listeners: the management listener comes last.
        Addresses = addresses[..options.Listen.Count];
        ManagementAddress = options.ManagementListen is null ? null : addresses[^1];
        if (firstRun is not null && certificate is not null)
        {
            var https = Addresses.First(static url => string.Equals(url.Scheme, "https", StringComparison.Ordinal));
            _kubeconfig = KubeconfigFile.Write(https, options.BaseUrl, certificate.AuthorityPem, firstRun.Token, Catalog);
        }
    }

    /// <summary>The configuration in force at start, first-run defaults included.</summary>
    public GatewayOptions Options { get; }

    /// <summary>Where it listens, in the order of <c>listen</c>.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>Where the management listener is; null when it is off.</summary>
    public Uri? ManagementAddress { get; }

    /// <summary>The first run's token; null when auth is configured.</summary>
    public Secret? Token => _firstRun?.Token;

    /// <summary>The path of the first run's kubeconfig; null when there is none.</summary>
    public string? KubeconfigPath => _kubeconfig?.Path;

    /// <summary>What a person should read.</summary>
    /// <param name="service">A Service that is known to be there, as <c>namespace/name/path</c>; null for none.</param>
    public string Message(string? service = null) => StartMessage.Compose(ProductVersion.Text, Addresses, Options, Catalog, Token, _kubeconfig, service);

    private ClusterCatalog Catalog => _app.Services.GetRequiredService<GatewayState>().Current.Catalog;

    /// <summary>Reads the configuration and starts a gateway with it.</summary>
    /// <returns>The gateway, or everything that is wrong with the configuration.</returns>
    /// <exception cref="IOException">An address is in use.</exception>
    /// <exception cref="Kubernetes.Connections.TlsMaterialException">The listeners' certificate cannot be used.</exception>
    /// <exception cref="StateFolderException"><c>stateDir</c> cannot be used.</exception>
    public static async Task<(GatewayServer? Server, IReadOnlyList<ConfigurationError> Errors)> StartAsync(
        ConfigurationReader read, ClusterSources sources, Action<ILoggingBuilder>? configureLogging, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        var first = read();
        if (first.Options is not { } options)
        {
            return (null, first.Errors);
        }

        if (Descriptors.TooFew() is { } tooFew)
        {
            return (null, [tooFew]);
        }

        var firstRun = FirstRunSetup.Applies(options) ? new FirstRunSetup() : null;
        var state = options.StateDir is { } folder ? StateFolder.Open(folder) : null;
        options = Descriptors.Fit(WithOwn(options));
        var tls = options.Tls;
        var generated = tls is null && options.Listen.Any(static url => string.Equals(url.Scheme, "https", StringComparison.Ordinal))
            ? state?.Certificate(TimeProvider.System.GetUtcNow()) ?? GeneratedCertificate.Create(TimeProvider.System.GetUtcNow())
            : null;
        Func<ILoggerFactory, ServerCertificate>? certificate =
            tls is not null ? loggers => new ServerCertificate(tls, options.Timeouts.FileCheck, TimeProvider.System, loggers.CreateLogger<ServerCertificate>())
            : generated is not null ? loggers => new ServerCertificate(generated.Server, TimeProvider.System, loggers.CreateLogger<ServerCertificate>())
            : null;
        var app = GatewayHost.Build(options, Again, sources, certificate, configureLogging, time);
        try
        {
            await app.StartAsync(cancellationToken);
            return (new GatewayServer(app, options, firstRun, generated, state), []);
        }
        catch
        {
            await app.DisposeAsync();
            state?.Dispose();
            throw;
        }

        ConfigurationResult Again()
        {
            var result = read();
            return result.Options is { } changed ? result with { Options = WithOwn(changed) } : result;
        }

        GatewayOptions WithOwn(GatewayOptions given)
        {
            given = firstRun is not null && given.Auth is null ? firstRun.Apply(given) : given;
            return state?.Apply(given) ?? given;
        }
    }

    /// <summary>Whether a part of the server has failed, which stops all of it: nobody has asked for the end.</summary>
    public bool HasFailed => _app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(static service => service.ExecuteTask is { IsFaulted: true });

    /// <summary>Waits until the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _kubeconfig?.Dispose();
        _state?.Dispose();
    }
}
