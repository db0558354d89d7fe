using System.Net;
using Fairlead.Configuration;
using Fairlead.Forwarding;
using Microsoft.AspNetCore.Connections;

namespace Fairlead.Limits;

/// <summary>
/// How many connections the public listeners take (row T64): one address cannot take all of them. Proxies that are trusted stand for many clients and count in all only.
/// A connection above the limit is closed before anything is read from it, TLS included.
/// </summary>
/// <param name="options">The limits, and the trusted proxies.</param>
/// <param name="logger">Where it is said.</param>
internal sealed partial class ConnectionGate(GatewayOptions options, ILogger<ConnectionGate> logger)
{
    private readonly ConnectionLimit _limit = options.Limits.Connections;
    private readonly Lock _lock = new();
    private readonly OpenCounts<IPAddress> _addresses = new();
    private readonly RefusedCounts _refused = new();
    private int _all;

    /// <summary>How many connections are open.</summary>
    public IReadOnlyList<LimitUse> Open
    {
        get
        {
            lock (_lock)
            {
                return
                [
                    new(RefusedCounts.PerAddress, _addresses.Most, _limit.PerAddress, _refused[RefusedCounts.PerAddress]),
                    new(RefusedCounts.All, _all, _limit.All, _refused[RefusedCounts.All]),
                ];
            }
        }
    }

    /// <summary>Puts it before everything else of a listener.</summary>
    public ConnectionDelegate Use(ConnectionDelegate next) => async connection =>
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address is { } peer && !IsTrusted(peer) ? Addresses.Subscriber(peer) : null;
        if (!TryEnter(address, out var scope))
        {
            _refused.Add(scope is "all" ? RefusedCounts.All : RefusedCounts.PerAddress);
            LogClosed(scope);
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(address);
        }
    };

    private bool IsTrusted(IPAddress peer)
    {
        var plain = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        return options.TrustedProxies.Any(network => network.Contains(plain));
    }

    private bool TryEnter(IPAddress? address, out string scope)
    {
        lock (_lock)
        {
            scope = _all >= (_limit.All ?? int.MaxValue) ? "all"
                : address is not null && _addresses.IsFull(address, _limit.PerAddress) ? "perAddress"
                : "";
            if (scope.Length > 0)
            {
                return false;
            }

            _all++;
            if (address is not null)
            {
                _addresses.Add(address, 1);
            }

            return true;
        }
    }

    private void Leave(IPAddress? address)
    {
        lock (_lock)
        {
            _all--;
            if (address is not null)
            {
                _addresses.Add(address, -1);
            }
        }
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Debug, Message = "A connection was closed: as many are open as limits.connections.{Scope} allows")]
    private partial void LogClosed(string scope);
}
