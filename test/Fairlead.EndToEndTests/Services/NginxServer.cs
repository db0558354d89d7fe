using System.Globalization;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Services;

/// <summary>A real nginx that serves a folder on loopback and keeps a log of what it was asked.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    private readonly RunningProcess _process;
    private readonly TempFolder _folder;

    private NginxServer(RunningProcess process, TempFolder folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>A line for each request: the request line, <c>Host</c> and <c>Authorization</c>, with bars between. A line is written after its answer.</summary>
    public IReadOnlyList<string> Log => File.ReadAllLines(_folder.PathOf("access.log"));

    /// <summary>Starts it; skips the test where there is no nginx.</summary>
    /// <param name="root">The folder to serve.</param>
    public static async Task<NginxServer> StartAsync(string root)
    {
        Assert.SkipUnless(ExternalTools.Nginx.IsAvailable, ExternalTools.Nginx.WhyMissing);
        var folder = new TempFolder();
        var (process, port) = await Programs.StartAsync(
            port =>
            {
                var configuration = folder.Write("nginx.conf", Configuration(port, root));
                return RunningProcess.Start(ExternalTools.Nginx.Require(), ["-p", folder.Path, "-e", "stderr", "-c", configuration]);
            },
            "using the \"epoll\" event method");
        return new NginxServer(process, folder, port);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static string Configuration(int port, string root) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        daemon off;
        master_process off;
        pid nginx.pid;
        error_log stderr notice;
        events { use epoll; }
        http {
          types { text/yaml yaml; application/gzip tgz; image/svg+xml svg; text/html html; text/plain txt; }
          log_format seen '$request|$http_host|$http_authorization';
          access_log access.log seen;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          server {
            listen 127.0.0.1:{{port}};
            root "{{root}}";
          }
        }
        """);
}
