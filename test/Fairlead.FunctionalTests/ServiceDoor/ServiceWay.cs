using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>What the client speaks, and which way the gateway takes to the Service.</summary>
public enum ServiceWay
{
    /// <summary>HTTP/1.1, then the Service's own address.</summary>
    Http11Direct,

    /// <summary>HTTP/2 over TLS, then the Service's own address.</summary>
    Http2Direct,

    /// <summary>HTTP/1.1, then <c>services/proxy</c> of the API server.</summary>
    Http11ApiServer,

    /// <summary>HTTP/2 over TLS, then <c>services/proxy</c> of the API server.</summary>
    Http2ApiServer,
}

/// <summary>Theory data.</summary>
public static class ServiceWays
{
    /// <summary>Every way.</summary>
    public static TheoryData<ServiceWay> All { get; } = [.. Enum.GetValues<ServiceWay>()];

    /// <summary>Only those that dial the Service.</summary>
    public static TheoryData<ServiceWay> Direct { get; } = [ServiceWay.Http11Direct, ServiceWay.Http2Direct];

    /// <summary>What a client speaks on that way.</summary>
    internal static WireProtocol Client(this ServiceWay way) =>
        way is ServiceWay.Http11Direct or ServiceWay.Http11ApiServer ? WireProtocol.Http11 : WireProtocol.Http2Tls;

    /// <summary>Whether the client speaks HTTP/2.</summary>
    internal static bool FromHttp2(this ServiceWay way) => way.Client() is WireProtocol.Http2Tls;

    /// <summary>Whether the Service is dialled.</summary>
    internal static bool IsDirect(this ServiceWay way) => way is ServiceWay.Http11Direct or ServiceWay.Http2Direct;

    /// <summary>The gateway's choice that takes that way.</summary>
    internal static TransportChoice Transport(this ServiceWay way) => way.IsDirect() ? TransportChoice.Direct : TransportChoice.ApiServer;

    /// <summary>What the answer's <c>Fairlead-Transport</c> says.</summary>
    internal static string TransportName(this ServiceWay way) => way.IsDirect() ? "direct" : "apiserver";
}
