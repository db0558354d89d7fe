using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class HostTests
{
    [Theory]
    [InlineData(EitherDoor.Backstage)]
    [InlineData(EitherDoor.Cluster)]
    public async Task T110_Upstream_connections_do_not_grow_with_the_number_of_Host_values(EitherDoor door)
    {
        await using var http11 = new RawUpstream();
        await using var http2 = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("one", http11.Url), TestCluster.Held("two", http2.Url));
        await using var caller = await RawHttp2Client.ConnectAsync(gateway.TlsPort, new());

        for (var i = 0; i < 10_000; i++)
        {
            var host = string.Create(CultureInfo.InvariantCulture, $"host-{i}.example.org");
            var response = await caller.SendAsync(door.Get("/version", i % 2 == 0 ? "one" : "two").With("Host", host));
            (await response.ReadToEndAsync()).Status.Should().Be(200);
        }

        http11.Requests.Should().HaveCount(5_000).And.OnlyContain(request => request.Header("Host") == $"127.0.0.1:{http11.Port}");
        http11.ConnectionCount.Should().Be(1);
        http2.Requests.Should().HaveCount(5_000);
        http2.ConnectionCount.Should().Be(1);
    }
}
