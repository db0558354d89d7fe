using Fairlead.Audit;
using Fairlead.Recording;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Forwarding.Tunnels;

/// <summary>Stands between the forwarder and the server when a connection is upgraded, so that the gateway has a hand on the client's end of it.</summary>
#pragma warning disable CA1001 // The forwarder gets the tunnel and disposes of it, as of any upgraded stream.
internal sealed class TunnelFeature :
#pragma warning restore CA1001
    IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private readonly bool _isWebSocket;
    private readonly ByteCounts? _bytes;
    private readonly SessionRecording? _recording;
    private readonly TimeProvider _time;
    private volatile ClientTunnel? _tunnel;

    private TunnelFeature(HttpContext http, bool isWebSocket, ByteCounts? bytes, SessionRecording? recording, TimeProvider time)
    {
        // A request that is sent a second time has one already.
        _upgrade = http.Features.Get<IHttpUpgradeFeature>() is TunnelFeature first ? first._upgrade : http.Features.Get<IHttpUpgradeFeature>();
        _connect = http.Features.Get<IHttpExtendedConnectFeature>() is TunnelFeature earlier ? earlier._connect : http.Features.Get<IHttpExtendedConnectFeature>();
        _isWebSocket = isWebSocket;
        _bytes = bytes;
        _recording = recording;
        _time = time;
    }

    /// <summary>The client's end, once the connection is upgraded.</summary>
    public ClientTunnel? Tunnel => _tunnel;

    /// <inheritdoc/>
    public bool IsUpgradableRequest => _upgrade is { IsUpgradableRequest: true };

    /// <inheritdoc/>
    public bool IsExtendedConnect => _connect is { IsExtendedConnect: true };

    /// <inheritdoc/>
    public string? Protocol => _connect?.Protocol;

    /// <summary>Puts one into a request.</summary>
    public static TunnelFeature Install(HttpContext http, bool isWebSocket, ByteCounts? bytes, SessionRecording? recording, TimeProvider time)
    {
        var feature = new TunnelFeature(http, isWebSocket, bytes, recording, time);
        if (feature._upgrade is not null)
        {
            http.Features.Set<IHttpUpgradeFeature>(feature);
        }

        if (feature._connect is not null)
        {
            http.Features.Set<IHttpExtendedConnectFeature>(feature);
        }

        return feature;
    }

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync() => Wrap(await _upgrade!.UpgradeAsync());

    /// <inheritdoc/>
    public async ValueTask<Stream> AcceptAsync() => Wrap(await _connect!.AcceptAsync());

    private ClientTunnel Wrap(Stream client) => _tunnel = new ClientTunnel(client, _isWebSocket, _time, _bytes, _recording);
}
