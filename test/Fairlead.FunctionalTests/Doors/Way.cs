using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>What is spoken on the two sides of the gateway: what the client speaks, then what the cluster speaks.</summary>
public enum Way
{
    /// <summary>HTTP/1.1 to a cluster that records bytes.</summary>
    Http11ToHttp11,

    /// <summary>HTTP/1.1 over TLS to a cluster with HTTP/2.</summary>
    Http11TlsToHttp2,

    /// <summary>HTTP/2 over TLS to a cluster that records bytes.</summary>
    Http2ToHttp11,

    /// <summary>HTTP/2 over TLS to a cluster with HTTP/2.</summary>
    Http2ToHttp2,
}

/// <summary>Theory data.</summary>
public static class Ways
{
    /// <summary>Every way.</summary>
    public static TheoryData<Way> All { get; } = [.. Enum.GetValues<Way>()];

    /// <summary>What a client speaks on that way.</summary>
    internal static WireProtocol Client(this Way way) => way switch
    {
        Way.Http11ToHttp11 => WireProtocol.Http11,
        Way.Http11TlsToHttp2 => WireProtocol.Http11Tls,
        _ => WireProtocol.Http2Tls,
    };

    /// <summary>Whether the cluster speaks HTTP/2.</summary>
    internal static bool ToHttp2(this Way way) => way is Way.Http11TlsToHttp2 or Way.Http2ToHttp2;

    /// <summary>Whether the client speaks HTTP/2.</summary>
    internal static bool FromHttp2(this Way way) => way.Client() is WireProtocol.Http2Tls;
}
