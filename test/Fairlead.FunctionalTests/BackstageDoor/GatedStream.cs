using System.Text;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Upstreams;

namespace Fairlead.FunctionalTests.BackstageDoor;

/// <summary>What an API server may speak.</summary>
public enum UpstreamProtocol
{
    /// <summary>HTTP/1.1 over TLS.</summary>
    Http11,

    /// <summary>HTTP/2 over TLS.</summary>
    Http2,
}

/// <summary>An upstream that answers every request with headers at once and then with one line for each gate that the test opens.</summary>
internal sealed class GatedStream : IAsyncDisposable
{
    private readonly Gate[] _gates;
    private readonly string[] _lines;
    private RawUpstream? _http11;
    private Http2Upstream? _http2;

    private GatedStream(string[] lines)
    {
        _lines = lines;
        _gates = [.. lines.Select(static _ => new Gate())];
    }

    public string Url => _http11?.Url ?? _http2!.Url;

    public int ConnectionCount => _http11?.ConnectionCount ?? _http2!.ConnectionCount;

    public int RequestCount => _http11?.Requests.Count ?? _http2!.Requests.Count;

    /// <summary>Requests that neither side has ended.</summary>
    public int OpenRequests => _http11?.Requests.Count(static request => request.Connection.IsOpen) ?? _http2!.OpenRequests;

    public static async Task<GatedStream> StartAsync(UpstreamProtocol protocol, string contentType, params string[] lines)
    {
        var stream = new GatedStream(lines);
        var certificate = TestCertificates.Shared.Server().Certificate;
        if (protocol is UpstreamProtocol.Http11)
        {
            stream._http11 = new RawUpstream(new() { Certificate = certificate });
            stream._http11.OnConnection(connection => stream.ServeAsync(connection, contentType));
        }
        else
        {
            stream._http2 = await Http2Upstream.StartAsync(certificate);
            stream._http2.Respond(async context =>
            {
                context.Response.ContentType = contentType;
                await context.Response.Body.FlushAsync(context.RequestAborted);
                for (var i = 0; i < lines.Length; i++)
                {
                    await stream._gates[i].WaitAsync(context.RequestAborted);
                    await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(lines[i] + "\n"), context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                }
            });
        }

        return stream;
    }

    /// <summary>Lets the line be written.</summary>
    public void Send(int line) => _gates[line].Open();

    /// <summary>The only request's header.</summary>
    public string? Header(string name) => _http11?.Requests.Single().Header(name) ?? _http2?.Requests.Single().Header(name);

    public async Task WaitForRequestAsync(int count = 1)
    {
        await (_http11?.WaitForRequestAsync(count) ?? Task.CompletedTask);
        await (_http2?.WaitForRequestAsync(count) ?? Task.CompletedTask);
    }

    /// <summary>Waits until the peer has given up every request: by closing on HTTP/1.1, by a reset on HTTP/2.</summary>
    public async Task WaitForAbortsAsync()
    {
        if (_http11 is not null)
        {
            foreach (var request in _http11.Requests)
            {
                await request.Connection.WaitForPeerToCloseAsync();
            }
        }
        else
        {
            foreach (var request in _http2!.Requests)
            {
                if (!await request.WaitForEndAsync())
                {
                    throw new InvalidOperationException("The request ended by itself.");
                }
            }

            await _http2.WaitForNoRequestAsync();
        }
    }

    /// <summary>Waits until no connection is open.</summary>
    public Task WaitForNoConnectionAsync() =>
        _http11?.WaitForNoConnectionAsync() ?? Eventually.BeTrueAsync(() => _http2!.OpenConnections == 0, "all connections to the upstream to be closed");

    public async ValueTask DisposeAsync()
    {
        await (_http11?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_http2?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task ServeAsync(RawUpstreamConnection connection, string contentType)
    {
        while (await connection.ReadRequestAsync() is not null)
        {
            await connection.WriteAsync(RawAnswer.Head(200, $"Content-Type: {contentType}", "Transfer-Encoding: chunked"));
            for (var i = 0; i < _lines.Length; i++)
            {
                if (await Task.WhenAny(_gates[i].WaitAsync(), connection.PeerClosed) == connection.PeerClosed)
                {
                    return;
                }

                await connection.WriteAsync(RawAnswer.Chunk(_lines[i] + "\n"));
            }

            await connection.WriteAsync(RawAnswer.LastChunk);
        }
    }
}
