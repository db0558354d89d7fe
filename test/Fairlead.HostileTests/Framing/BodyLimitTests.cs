using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Framing;

/// <summary><c>limits.requestBody</c> holds however a body is framed: beyond it nobody upstream gets a whole request, or more bytes than the limit.</summary>
public sealed class BodyLimitTests
{
    private const int Limit = 10_000;
    private const string Target = "/api/v1/namespaces/n/configmaps";

    [Fact]
    public async Task T65_A_body_at_the_limit_passes_and_one_byte_more_is_413()
    {
        await using var world = await HostileWorld.StartAsync(static options => options with { Limits = options.Limits with { RequestBody = Limit } });
        var audit = new HostileAudit(world);
        var number = 0;
        foreach (var way in HostileWays.All)
        {
            foreach (var method in (string[])["POST", "PUT", "PATCH", "DELETE"])
            {
                foreach (var chunked in (bool[])[false, true])
                {
                    var reason = $"{way}: {method} {(chunked ? "without" : "with")} a length";
                    var request = new RawRequest(method, $"{Target}/{++number}") { Chunked = chunked };
                    // The server counts the framing of chunks too.
                    var most = chunked && !way.IsHttp2 ? Limit - 100 : Limit;
                    (await world.SendAsync(way, request with { Body = new byte[most] })).Status.Should().Be(200, reason);
                    var whole = world.Upstream.Requests.Should().ContainSingle(seen => string.Equals(seen.Target, request.Target, StringComparison.Ordinal), reason).Subject;
                    whole.BodyLength.Should().Be(most, reason);

                    audit.Expect(world.Request(way, request).Target, 200);
                    request = request with { Target = $"{Target}/{++number}" };
                    var response = await world.SendAsync(way, request with { Body = new byte[Limit + 1] });

                    response.Status.Should().Be(413, reason);
                    HostileWorld.ShouldHaveItsDoorsShape(way, response, reason);
                    await ShouldHaveSeenNoMoreAsync(world, request.Target, reason);
                    audit.Expect(world.Request(way, request).Target, 413);
                }
            }
        }

        await audit.ShouldBeCompleteAsync();
    }

    /// <summary>One byte at a time, in chunks and frames: the sum counts.</summary>
    [Fact]
    public async Task T65_Small_pieces_are_added_up()
    {
        const int pieces = 40;
        await using var world = await HostileWorld.StartAsync(static options => options with { Limits = options.Limits with { RequestBody = Limit } });
        foreach (var way in HostileWays.All)
        {
            var target = $"{Target}/{way.Door}-{way.Protocol}-{way.Login}";
            var post = world.Request(way, new RawRequest("POST", target) { KeepSending = true });
            RawResponse response;
            if (way.IsHttp2)
            {
                await using var client = await RawHttp2Client.ConnectAsync(world.Port(way.Protocol), new RawTls());
                var stream = await client.OpenAsync(post);
                for (var i = 0; i <= pieces; i++)
                {
                    await client.WriteFrameAsync(Http2FrameType.Data, i == pieces ? Http2Frame.EndStream : (byte)0, stream.Id, new byte[Limit / pieces]);
                }

                response = await stream.ReadResponseAsync();
            }
            else
            {
                await using var client = await world.ConnectHttp11Async(way);
                await client.WriteAsync((byte[])[.. post.With("Transfer-Encoding", "chunked").ToHttp11(), .. Enumerable.Repeat(RawRequest.ChunkOf(new byte[Limit / pieces]), pieces + 1).SelectMany(static chunk => chunk)]);
                response = await client.ReadResponseAsync();
            }

            response.Status.Should().Be(413, way.ToString());
            await ShouldHaveSeenNoMoreAsync(world, target, way.ToString());
        }
    }

    /// <summary>What a head announces beyond the limit is refused before a byte of it is sent, and before anybody is asked for it.</summary>
    [Fact]
    public async Task T65_A_length_beyond_the_limit_is_refused_before_the_body()
    {
        await using var world = await HostileWorld.StartAsync(static options => options with { Limits = options.Limits with { RequestBody = Limit } });
        foreach (var way in HostileWays.All)
        {
            foreach (var length in (long[])[Limit + 1, long.MaxValue])
            {
                var mark = world.Mark();
                var post = world.Request(way, new RawRequest("POST", Target) { KeepSending = true }).With("Content-Length", length.ToString(CultureInfo.InvariantCulture)).With("Expect", "100-continue");
                await using var client = await world.ConnectAsync(way);

                var response = await (await client.SendAsync(post)).ReadToEndAsync();

                response.Interim.Should().BeEmpty(way.ToString());
                world.ShouldBeRefused(way, response, 413, mark, length.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Compressed bodies are bytes like others: the gateway never unpacks one.</summary>
    [Fact]
    public async Task T65_A_compressed_body_is_counted_as_it_is_sent()
    {
        await using var world = await HostileWorld.StartAsync(static options => options with { Limits = options.Limits with { RequestBody = Limit } });
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.SmallestSize))
        {
            gzip.Write(new byte[Limit * 100]);
        }

        foreach (var way in HostileWays.All)
        {
            var mark = world.Mark();
            var response = await world.SendAsync(way, new RawRequest("POST", Target) { Body = packed.ToArray(), Chunked = true }.With("Content-Encoding", "gzip"));
            response.Status.Should().Be(200, way.ToString());
            world.SentSince(mark).Should().ContainSingle(way.ToString()).Which.Body.Should().Equal(packed.ToArray(), way.ToString());
        }
    }

    private static async Task ShouldHaveSeenNoMoreAsync(HostileWorld world, string target, string reason)
    {
        var sent = world.Upstream.Requests.Where(seen => string.Equals(seen.Target, target, StringComparison.Ordinal)).ToList();
        sent.Count.Should().BeLessThanOrEqualTo(1, reason);
        foreach (var seen in sent)
        {
            await seen.WaitForEndAsync();
            seen.End.Should().NotBe(ResponseEnd.Complete, reason);
            seen.BodyLength.Should().BeLessThanOrEqualTo(Limit, reason);
        }
    }
}
