using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>Tests that measure the memory of the whole process, and so run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryTests
{
    /// <summary>The collection's name.</summary>
    public const string Name = "memory";
}

/// <summary>Bodies far bigger than any buffer: nothing may gather on the way.</summary>
public abstract class LargeBodyCases(EitherDoor door)
{
    private const int Piece = 64 * 1024;
    private const int Pieces = 1024;
    private const long Whole = (long)Piece * Pieces;

    // Buffers of the two connections hold the end back while the body goes on.
    private const long OnTheWay = 1024 * 1024;

    // A gateway that kept the body would hold four times as much.
    private const long Growth = 16 * 1024 * 1024;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task B07_T105_64_MiB_over_HTTP11_arrive_whole_and_memory_stays_flat(bool chunked)
    {
        await using var upstream = new RawUpstream(new RawUpstreamOptions { KeepBodies = false });
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var client = await RawClient.ConnectAsync(gateway.Port);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var post = door.Request(new RawRequest("POST", "/api/v1/namespaces/n/configmaps"));
        post = chunked ? post.With("Transfer-Encoding", "chunked") : post.With("Content-Length", $"{Whole}");
        var piece = chunked ? RawRequest.ChunkOf(new byte[Piece]) : new byte[Piece];

        await client.WriteAsync(post.ToHttp11());
        for (var i = 0; i < Pieces - 1; i++)
        {
            await client.WriteAsync(piece);
        }

        var seen = await upstream.WaitForRequestAsync();
        await Eventually.BeTrueAsync(() => seen.BodyLength > Whole - OnTheWay, "nearly all of the body at the upstream");
        var during = GC.GetTotalMemory(forceFullCollection: true);
        await client.WriteAsync(piece);
        await client.WriteAsync(chunked ? "0\r\n\r\n" : "");
        var response = await client.ReadResponseAsync();

        response.Status.Should().Be(200);
        seen.BodyLength.Should().Be(Whole);
        seen.Header("Content-Length").Should().Be(chunked ? null : $"{Whole}");
        seen.Header("Transfer-Encoding").Should().Be(chunked ? "chunked" : null);
        (during - before).Should().BeLessThan(Growth);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task B07_T105_64_MiB_over_HTTP2_arrive_whole_and_memory_stays_flat(bool declared)
    {
        long arrived = 0;
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        upstream.Respond(async context =>
        {
            var buffer = new byte[Piece];
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var count)
            {
                Interlocked.Add(ref arrived, count);
            }
        });
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var client = await RawHttp2Client.ConnectAsync(gateway.TlsPort, new RawTls());
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var post = door.Request(new RawRequest("POST", "/api/v1/namespaces/n/configmaps") { KeepSending = true });
        var piece = new byte[Piece];

        var exchange = await client.OpenAsync(declared ? post.With("content-length", $"{Whole}") : post);
        for (var i = 0; i < Pieces - 1; i++)
        {
            await exchange.WriteAsync(piece);
        }

        await Eventually.BeTrueAsync(() => Interlocked.Read(ref arrived) > Whole - OnTheWay, "nearly all of the body at the upstream");
        var during = GC.GetTotalMemory(forceFullCollection: true);
        await exchange.WriteAsync(piece);
        await exchange.EndAsync();
        var response = await exchange.ReadResponseAsync();

        response.Status.Should().Be(200);
        arrived.Should().Be(Whole);
        upstream.Requests.Should().ContainSingle().Which.Header("Content-Length").Should().Be(declared ? $"{Whole}" : null);
        (during - before).Should().BeLessThan(Growth);
    }
}
