using System.Net;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Streams;

/// <summary>What an HTTP/2 upstream may send before anybody reads it stays what it was at the start of a stream, however fast it was read until then.</summary>
public sealed class ReadAheadTests
{
    private const int Piece = 16 * 1024;

    [Fact]
    public async Task T98_A_reader_that_was_fast_and_stops_leaves_one_window()
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        var written = new WrittenBytes();
        upstream.Respond(async context =>
        {
            var block = new byte[Piece];
            while (true)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
                written.Add(Piece);
            }
        });
        var bounds = new GatewayOptions().BoundUpstreams();
        using var handler = UpstreamHandler.Create(bounds);
#pragma warning disable CA5359 // The upstream of this test has no name to check.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, upstream.Url) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await invoker.SendAsync(request, CancellationToken.None);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        long read = 0;
        while (read < 64 * 1024 * 1024)
        {
            read += await body.ReadAsync(buffer);
        }

        await written.StandsStillAsync(atLeast: read);

        // One window, what the upstream itself keeps to send, and the piece that it waits with.
        (written.Value - read).Should().BeInRange(Piece, bounds.ReadAhead + (64 * 1024) + (2 * Piece));
    }
}
