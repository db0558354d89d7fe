using Fairlead.Testing.Http2;

namespace Fairlead.Testing.Clients;

/// <summary>The protocols a test runs on when it runs as a matrix.</summary>
public enum WireProtocol
{
    /// <summary>HTTP/1.1 over plain TCP.</summary>
    Http11,

    /// <summary>HTTP/1.1 over TLS.</summary>
    Http11Tls,

    /// <summary>HTTP/2 over TLS.</summary>
    Http2Tls,
}

/// <summary>One connection of one protocol, for tests that say the same on each. What differs is reached through the two raw clients.</summary>
public sealed class WireClient : IAsyncDisposable
{
    private readonly RawClient? _http11;
    private readonly RawHttp2Client? _http2;

    private WireClient(RawClient? http11, RawHttp2Client? http2)
    {
        _http11 = http11;
        _http2 = http2;
    }

    /// <summary>All protocols, for theory data.</summary>
    public static IReadOnlyList<WireProtocol> Protocols { get; } = Enum.GetValues<WireProtocol>();

    /// <summary>Connects to 127.0.0.1.</summary>
    public static async Task<WireClient> ConnectAsync(
        WireProtocol protocol, int port, RawTls? tls = null, CancellationToken cancellationToken = default) => protocol switch
        {
            WireProtocol.Http11 => new(await RawClient.ConnectAsync(port, cancellationToken: cancellationToken), null),
            WireProtocol.Http11Tls => new(await RawClient.ConnectAsync(port, tls ?? new(), cancellationToken), null),
            WireProtocol.Http2Tls => new(null, await RawHttp2Client.ConnectAsync(port, tls ?? new(), cancellationToken)),
            _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
        };

    /// <summary>Connects, sends one request, reads the whole response and closes.</summary>
    public static async Task<RawResponse> ExchangeAsync(
        WireProtocol protocol, int port, RawRequest request, RawTls? tls = null, CancellationToken cancellationToken = default)
    {
        await using var client = await ConnectAsync(protocol, port, tls, cancellationToken);
        var response = await client.SendAsync(request, cancellationToken);
        return await response.ReadToEndAsync(cancellationToken);
    }

    /// <summary>Sends the request and waits for the head of its response.</summary>
    public Task<RawResponse> SendAsync(RawRequest request, CancellationToken cancellationToken = default) =>
        _http2?.SendAsync(request, cancellationToken) ?? _http11!.SendAsync(request, cancellationToken);

    /// <summary>Sends a handshake made by <see cref="RawRequest.WebSocket"/>, on HTTP/2 as an extended CONNECT: 101 becomes 200 there.</summary>
    public Task<RawResponse> UpgradeAsync(RawRequest handshake, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handshake);
        return SendAsync(_http2 is null ? handshake : handshake.AsExtendedConnect(), cancellationToken);
    }

    /// <summary>Goes away without a word (RST).</summary>
    public void Reset()
    {
        _http11?.Reset();
        _http2?.Reset();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _http2?.DisposeAsync() ?? _http11!.DisposeAsync();
}
