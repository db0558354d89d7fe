using System.Net;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Credentials.Minting;
using Fairlead.Doors;
using Fairlead.Doors.Auth;
using Fairlead.Draining;
using Fairlead.Forwarding;
using Fairlead.Forwarding.Live;
using Fairlead.Kubernetes.Connections;
using Fairlead.Limits;
using Fairlead.Listeners;
using Fairlead.Management;
using Fairlead.Recording;
using Fairlead.Sessions;
using Fairlead.Sessions.Oidc;
using Fairlead.State;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fairlead;

/// <summary>Puts the server together: services by stage, then the pipeline.</summary>
internal static class GatewayHost
{
    /// <summary>Builds a server that is not started yet.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="read">Reads the configuration again, for reloads.</param>
    /// <param name="sources">Reads cluster sources.</param>
    /// <param name="certificate">Makes the certificate of the https listeners; null where there are none.</param>
    /// <param name="configureLogging">Changes logging, for tests; names are resolved, and Google's tokens obtained, by what it adds.</param>
    /// <param name="time">The clock, for tests.</param>
    /// <exception cref="Kubernetes.Connections.TlsMaterialException">The listeners' certificate cannot be used.</exception>
    public static WebApplication Build(
        GatewayOptions options,
        ConfigurationReader read,
        ClusterSources sources,
        Func<ILoggerFactory, ServerCertificate>? certificate,
        Action<ILoggingBuilder>? configureLogging = null,
        TimeProvider? time = null)
    {
        // An empty builder: no appsettings.json, no ASPNETCORE_ variables, nothing that the configuration does not say.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "fairlead" });
        LogSetup.Apply(builder.Logging, options.Log, toStandardError: options.Audit.Stdout);
        configureLogging?.Invoke(builder.Logging);
        var services = builder.Services;
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(read);
        services.AddSingleton(sources);

        // Clusters, callers, access: what a reload replaces.
        services.TryAddSingleton<NameResolver>(Dns.GetHostAddressesAsync);
        services.TryAddSingleton<GoogleTokens>(RemoteSourceReader.GoogleAsync);
        services.AddSingleton<ClusterFinder>();
        services.AddSingleton<Minters>();
        services.AddSingleton<RemoteSourceReader>();
        services.AddSingleton<RemoteSources>();
        services.AddSingleton<CatalogFactory>();
        services.AddSingleton<SnapshotFactory>();
        services.AddSingleton(static provider => new GatewayState(provider.GetRequiredService<SnapshotFactory>().Make(provider.GetRequiredService<GatewayOptions>(), previous: null), provider.GetRequiredService<ClusterFinder>()));
        services.AddSingleton<ConfigurationReloader>();
        services.AddHostedService(static provider => provider.GetRequiredService<ConfigurationReloader>());
        services.AddHostedService<SourceRefresher>();

        // Callers: sessions, tickets, cookies.
        var sessions = options.Sessions;
        services.AddSingleton<ISessionStore>(provider => new MeasuredSessionStore(StoreOf(sessions, options.StateDir, provider)));
        services.AddSingleton(new SealedBox(sessions));
        services.AddSingleton<SessionRefresher>();
        services.AddSingleton<BrowserSessions>();
        services.AddSingleton<ServiceSessions>();
        services.AddSingleton<Tickets>();
        services.AddSingleton<HeadlampCookie>();
        services.AddSingleton<CallerStage>();
        services.AddSingleton<Authorizer>();

        // The session door.
        services.AddSingleton<AuthRoutes>();
        services.AddSingleton<LoginRoutes>();
        services.AddSingleton<LogoutRoutes>();
        services.AddSingleton<MeRoutes>();
        services.AddSingleton<TicketRoute>();
        services.AddSingleton<SetTokenRoute>();
        services.AddSingleton<HandoverRoute>();

        // Limits, doors, forwarding, audit, management.
        services.AddSingleton<ConnectionGate>();
        services.AddSingleton<LimitStage>();
        services.AddSingleton(new Router(options.BaseUrl));
        services.AddHttpForwarder();
        services.AddSingleton<LiveStreams>();
        services.AddHostedService(static provider => provider.GetRequiredService<LiveStreams>());
        services.AddSingleton<ForwardStage>();
        services.AddSingleton<IdentityTokens>();
        services.AddSingleton<ServiceCredentials>();
        services.AddSingleton<PortalQueries>();
        services.AddSingleton<OwnRoutes>();
        services.AddSingleton(static provider => AuditTrail.For(
            provider.GetRequiredService<GatewayOptions>().Audit, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService(static provider => provider.GetRequiredService<AuditTrail>());
        services.AddSingleton<Recorder>();
        services.AddSingleton<Gateway>();

        // The end.
        services.AddSingleton<ClientConnections>();
        services.AddSingleton<ClientListeners>();
        services.AddSingleton<Drain>();
        services.AddSingleton<IHostLifetime, StopSignals>();
        TelemetrySetup.Add(services, options);
        services.AddCors();
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));

        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseSockets(sockets => sockets.MaxReadBufferSize = KestrelSetup.ReadAheadOf(options.Limits));
        services.AddSingleton<IConnectionListenerFactory>(static provider => provider.GetRequiredService<ClientListeners>());
        builder.WebHost.ConfigureKestrel((_, kestrel) => KestrelSetup.Apply(
            kestrel, options, certificate?.Invoke(kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>()), kestrel.ApplicationServices.GetRequiredService<ConnectionGate>(), kestrel.ApplicationServices.GetRequiredService<ClientConnections>()));
        var app = builder.Build();
        Wire(app, options);
        return app;
    }

    private static ISessionStore StoreOf(BrowserSessionOptions options, string? stateDir, IServiceProvider provider)
    {
        var (lifetimes, time) = (new SessionLifetimes(options.Idle, options.Absolute), provider.GetRequiredService<TimeProvider>());
        return options.Redis is { } redis
            ? new RedisSessionStore(redis, new SessionCipher(options.EncryptionSecret!, options.PreviousSecret), lifetimes, time, provider.GetRequiredService<ILogger<RedisSessionStore>>())
            : new MemorySessionStore(lifetimes, time, files: stateDir is null ? null : new SessionFiles(stateDir, new SessionCipher(options.EncryptionSecret!, options.PreviousSecret), provider.GetRequiredService<ILogger<SessionFiles>>()));
    }

    private static void Wire(WebApplication app, GatewayOptions options)
    {
        if (options.TrustedProxies.Count > 0)
        {
            ForwardedHeaders.Use(app, options);
        }

        var (probes, drain, metrics) = (app.Services.GetRequiredService<Probes>(), app.Services.GetRequiredService<Drain>(), TelemetrySetup.Start(app, options));
        // Only connections of the public listeners are known as a client's: neither kind of listener serves the other's paths.
        app.Use(next => http => http.Features.Get<ClientConnection>() is { } connection ? drain.HandleAsync(http, connection, next)
            : metrics is not null && HttpMethods.IsGet(http.Request.Method) && http.Request.Path.Equals("/metrics", StringComparison.Ordinal) ? metrics(http)
            : probes.HandleAsync(http));
        if (options.CorsOrigins.Count > 0)
        {
            CorsSetup.Use(app, options);
        }

        app.Run(app.Services.GetRequiredService<Gateway>().HandleAsync);
    }
}
