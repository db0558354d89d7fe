using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>The same request on HTTP/1.1 and on HTTP/2: what is refused is refused on both.</summary>
internal static class BothProtocols
{
    /// <summary>Sends it on both, expects the same status, and gives the answer of HTTP/1.1.</summary>
    public static async Task<RawResponse> SendAsync(TestGateway gateway, RawRequest request)
    {
        var first = await WireClient.ExchangeAsync(WireProtocol.Http11, gateway.Port, request);
        var second = await WireClient.ExchangeAsync(WireProtocol.Http2Tls, gateway.TlsPort, request);
        second.Status.Should().Be(first.Status, $"of HTTP/2: {second.BodyText}");
        return first;
    }
}
