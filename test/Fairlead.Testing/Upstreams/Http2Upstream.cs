using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fairlead.Testing.Upstreams;

/// <summary>
/// An upstream that speaks HTTP/2 and HTTP/1.1 over TLS (Kestrel), as an API server does. It records every request and answers by delegate;
/// what it cannot do is answer wrongly on the level of frames.
/// </summary>
public sealed class Http2Upstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly List<Http2Request> _requests = [];
    private readonly HashSet<string> _connections = [];
    private readonly List<Exception> _failures = [];
    private Func<HttpContext, Task> _answer = context => context.Response.WriteAsJsonAsync(new Dictionary<string, string>(StringComparer.Ordinal));
    private int _openRequests;
    private int _openConnections;

    private Http2Upstream(WebApplication app) => _app = app;

    private string Scheme { get; set; } = "https";

    /// <summary>The port.</summary>
    public int Port { get; private set; }

    /// <summary><c>https://127.0.0.1:port</c>, or http.</summary>
    public string Url => $"{Scheme}://127.0.0.1:{Port}";

    /// <summary>All requests so far.</summary>
    public IReadOnlyList<Http2Request> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Requests that are neither answered nor aborted.</summary>
    public int OpenRequests => Volatile.Read(ref _openRequests);

    /// <summary>How many TLS connections carried or could have carried requests.</summary>
    public int ConnectionCount
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>Connections that are open.</summary>
    public int OpenConnections => Volatile.Read(ref _openConnections);

    /// <summary>Starts on a free port.</summary>
    /// <param name="certificate">The server certificate; null for HTTP/2 without TLS, by prior knowledge only.</param>
    /// <param name="requestClientCertificate">Asks for a client certificate and records it; none is demanded.</param>
    /// <param name="maxStreams">HTTP/2 streams for each connection; an API server allows 100.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<Http2Upstream> StartAsync(
        X509Certificate2? certificate, bool requestClientCertificate = false, int maxStreams = 100, CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        Http2Upstream upstream = null!;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel.Limits, maxStreams);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = certificate is null ? HttpProtocols.Http2 : HttpProtocols.Http1AndHttp2;
                if (certificate is not null)
                {
                    listen.UseHttps(https => SetTls(https, certificate, requestClientCertificate));
                }

                listen.Use(next => connection => upstream.CountConnectionAsync(connection.ConnectionId, () => next(connection)));
            });
        });
        var app = builder.Build();
        upstream = new(app);
        app.UseWebSockets();
        app.Run(upstream.ServeAsync);
        await app.StartAsync(cancellationToken);
        upstream.Scheme = certificate is null ? "http" : "https";
        var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        upstream.Port = new Uri(address).Port;
        return upstream;
    }

    /// <summary>
    /// Answers every later request so. The context is Kestrel's, with <c>WebSockets</c> for both protocols; <see cref="Of"/> gives the recorded request.
    /// </summary>
    public void Respond(Func<HttpContext, Task> answer) => Volatile.Write(ref _answer, answer);

    /// <summary>The recorded request of a context.</summary>
    public static Http2Request Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (Http2Request)context.Items[typeof(Http2Request)]!;
    }

    /// <summary>Reads and records the whole body.</summary>
    public static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        var request = Of(context);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return request.Body = body.ToArray();
    }

    /// <summary>Waits until so many requests have arrived and gives the last of them.</summary>
    public async Task<Http2Request> WaitForRequestAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        await Eventually.BeTrueAsync(() => Requests.Count >= count, $"request {count} at the upstream", cancellationToken);
        return Requests[count - 1];
    }

    /// <summary>Waits until no request is open.</summary>
    public Task WaitForNoRequestAsync(CancellationToken cancellationToken = default) =>
        Eventually.BeTrueAsync(() => OpenRequests == 0, "all requests at the upstream to end", cancellationToken);

    /// <summary>Closes everything; throws what failed in the answers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        lock (_lock)
        {
            if (_failures.Count > 0)
            {
                throw new AggregateException("The upstream's answer failed.", _failures);
            }
        }
    }

    private static void SetTls(HttpsConnectionAdapterOptions https, X509Certificate2 certificate, bool requestClientCertificate)
    {
        https.ServerCertificate = certificate;
        https.ClientCertificateMode = requestClientCertificate ? ClientCertificateMode.AllowCertificate : ClientCertificateMode.NoCertificate;
        https.AllowAnyClientCertificate();
    }

    private static void SetLimits(KestrelServerLimits limits, int maxStreams)
    {
        limits.MaxRequestLineSize = 64 * 1024;
        limits.MaxRequestHeadersTotalSize = 128 * 1024;
        limits.MaxRequestHeaderCount = 1000;
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.Http2.MaxRequestHeaderFieldSize = 128 * 1024;
        limits.Http2.MaxStreamsPerConnection = maxStreams;
    }

    private async Task CountConnectionAsync(string connectionId, Func<Task> serve)
    {
        lock (_lock)
        {
            _connections.Add(connectionId);
        }

        Interlocked.Increment(ref _openConnections);
        try
        {
            await serve();
        }
        finally
        {
            Interlocked.Decrement(ref _openConnections);
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        var request = Record(context);
        context.Items[typeof(Http2Request)] = request;
        Interlocked.Increment(ref _openRequests);
        try
        {
            await Volatile.Read(ref _answer)(context);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            // The peer gave up; that is recorded below.
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                _failures.Add(exception);
            }

            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _openRequests);
            request.Finish(context.RequestAborted.IsCancellationRequested);
        }
    }

    private Http2Request Record(HttpContext context)
    {
        var feature = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        var request = new Http2Request(feature.Method, feature.RawTarget, feature.Protocol, context.Connection.Id)
        {
            ExtendedConnectProtocol = context.Features.Get<IHttpExtendedConnectFeature>()?.Protocol,
            ClientCertificate = context.Connection.ClientCertificate,
        };
        foreach (var (name, values) in context.Request.Headers)
        {
            foreach (var value in values)
            {
                request.HeaderLines.Add(name, value ?? "");
            }
        }

        lock (_lock)
        {
            _requests.Add(request);
        }

        return request;
    }
}
