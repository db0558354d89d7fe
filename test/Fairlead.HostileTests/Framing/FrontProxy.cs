using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.HostileTests.Framing;

/// <summary>The proxies that stand in front of a gateway in these tests.</summary>
public enum FrontName
{
    /// <summary>HAProxy, which shares its connections to the gateway among all its clients.</summary>
    HAProxy,

    /// <summary>HAProxy told to pass on what it would call invalid.</summary>
    LenientHAProxy,

    /// <summary>nginx, which streams bodies and keeps its connections to the gateway.</summary>
    Nginx,
}

/// <summary>A real proxy on loopback, in front of a gateway, over connections that are kept. It marks each request that it takes for one with a line <c>X-Front</c>.</summary>
internal sealed class FrontProxy : IAsyncDisposable
{
    private const int Attempts = 5;

    private readonly RunningProcess _process;
    private readonly TempFolder _folder;

    private FrontProxy(RunningProcess process, TempFolder folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Starts it; skips the test where it is missing.</summary>
    public static async Task<FrontProxy> StartAsync(FrontName front, int gateway)
    {
        var tool = front is FrontName.Nginx ? ExternalTools.Nginx : ExternalTools.HAProxy;
        Assert.SkipUnless(tool.IsAvailable, tool.WhyMissing);
        for (var attempt = 1; ; attempt++)
        {
            var folder = new TempFolder();
            var port = FreePort.Next();
            var process = front is FrontName.Nginx
                ? RunningProcess.Start(tool.Require(), ["-p", folder.Path, "-e", "stderr", "-c", folder.Write("nginx.conf", Nginx(port, gateway))])
                : RunningProcess.Start(tool.Require(), ["-db", "-f", folder.Write("haproxy.cfg", HAProxy(port, gateway, isLenient: front is FrontName.LenientHAProxy))]);
            var proxy = new FrontProxy(process, folder, port);
            try
            {
                await Eventually.BeTrueAsync(() => process.HasExited || Listens(port), $"{tool.Name} to listen");
                if (!process.HasExited)
                {
                    return proxy;
                }

                throw new InvalidOperationException($"{tool.Name} has ended.\n{process.Transcript()}");
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
                // Somebody else was faster to take the port.
                await proxy.DisposeAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static string HAProxy(int port, int gateway, bool isLenient) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        global
          maxconn 256
        defaults
          mode http
          timeout connect 10s
          timeout client 30s
          timeout server 30s
          http-reuse always
        {(isLenient ? "  option accept-invalid-http-request" : "")}
        frontend in
          bind 127.0.0.1:{port}
          http-request del-header X-Front
          http-request add-header X-Front %[uuid]
          default_backend gateway
        backend gateway
          server one 127.0.0.1:{gateway} maxconn 1

        """);

    private static string Nginx(int port, int gateway) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        daemon off;
        master_process off;
        pid nginx.pid;
        error_log stderr notice;
        events { use epoll; }
        http {
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          ignore_invalid_headers off;
          underscores_in_headers on;
          upstream gateway { server 127.0.0.1:{{gateway}}; keepalive 1; }
          server {
            listen 127.0.0.1:{{port}};
            location / {
              proxy_pass http://gateway;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host $http_host;
              proxy_set_header X-Front $request_id;
              proxy_request_buffering off;
              proxy_buffering off;
            }
          }
        }
        """);

    private static bool Listens(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
