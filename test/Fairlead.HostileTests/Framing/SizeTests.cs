using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Framing;

/// <summary>The documented sizes of request lines and values, and bodies that stream through.</summary>
public sealed class SizeTests
{
    private const int Line = 24 * 1024;

    [Fact]
    public async Task T105_A_target_up_to_the_limit_passes_and_one_byte_more_is_414()
    {
        await using var world = await HostileWorld.StartAsync();
        var audit = new HostileAudit(world);
        foreach (var way in HostileWays.All)
        {
            foreach (var (length, status) in ((int, int)[])[(9 * 1024, 200), (Line, 200), (Line + 1, 414)])
            {
                var mark = world.Mark();
                var path = "/api/v1/namespaces/n/pods/p/exec?command=";
                var request = world.Request(way, RawRequest.Get(path + new string('x', length - HostileWorld.Prefix(way.Door).Length - path.Length)));

                var response = await world.ExchangeAsync(way, request);

                if (status is 414)
                {
                    world.ShouldBeRefused(way, response, 414, mark, $"{length} bytes");
                }
                else
                {
                    response.Status.Should().Be(200, $"{way}: {length} bytes");
                    world.SentSince(mark).Should().ContainSingle(way.ToString()).Which.Target.Should().HaveLength(length - HostileWorld.Prefix(way.Door).Length, way.ToString());
                }

                audit.Expect(request.Target, status);
            }
        }

        await audit.ShouldBeCompleteAsync();
    }

    /// <summary>Far beyond the limit the server itself answers (decision 3): a bare 414, or 431 where a target is a header field.</summary>
    [Fact]
    public async Task T105_A_target_far_beyond_the_limit_is_refused_by_the_server()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            foreach (var length in (int[])[60 * 1024, 600 * 1024])
            {
                var mark = world.Mark();

                var response = await world.GetAsync(way, "/x?a=" + new string('x', length));

                response.Status.Should().BeOneOf(way.IsHttp2 ? [0, 414, 431] : length > 100_000 ? [0, 414] : [414], $"{way}: {length} bytes");
                world.SentSince(mark).Should().BeEmpty($"{way}: {length} bytes");
            }
        }
    }

    [Fact]
    public async Task T105_Bytes_outside_ASCII_in_a_value_are_400()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            // UTF-8, Latin-1, an overlong slash, a lone surrogate, U+2028, U+010A (whose low byte is LF).
            foreach (var value in (string[])["\u00c3\u00a4", "\u00e4", "\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00e2\u0080\u00a8", "\u00c4\u008a"])
            {
                var mark = world.Mark();

                var response = await world.SendAsync(way, RawRequest.Get("/x").With("X-Name", value));

                // What is no UTF-8 the server itself refuses: on HTTP/2 by a stream error.
                response.Status.Should().BeOneOf(way.IsHttp2 ? [0, 400] : [400], $"{way}: {Convert.ToHexString(System.Text.Encoding.Latin1.GetBytes(value))}");
                world.SentSince(mark).Should().BeEmpty(way.ToString());
            }
        }
    }

    [Fact]
    public async Task T105_A_body_of_31_MB_streams_through()
    {
        const int piece = 62_500;
        const long whole = 31_000_000;
        await using var world = await HostileWorld.StartAsync(upstream: new RawUpstreamOptions { KeepBodies = false });
        foreach (var way in HostileWays.All)
        {
            var mark = world.Mark();
            var post = world.Request(way, new RawRequest("POST", "/api/v1/namespaces/n/configmaps") { KeepSending = true });
            RawResponse response;
            if (way.IsHttp2)
            {
                await using var client = await RawHttp2Client.ConnectAsync(world.Port(way.Protocol), new RawTls());
                var stream = await client.OpenAsync(post);
                for (long sent = 0; sent < whole; sent += piece)
                {
                    await stream.WriteAsync(new byte[piece]);
                }

                await stream.EndAsync();
                response = await stream.ReadResponseAsync();
            }
            else
            {
                await using var client = await world.ConnectHttp11Async(way);
                await client.WriteAsync(post.With("Transfer-Encoding", "chunked").ToHttp11());
                for (long sent = 0; sent < whole; sent += piece)
                {
                    await client.WriteAsync(RawRequest.ChunkOf(new byte[piece]));
                    if (sent == whole / 2)
                    {
                        // It is on its way long before its end.
                        var begun = await world.Upstream.WaitForRequestAsync(mark + 1);
                        await Eventually.BeTrueAsync(() => begun.BodyLength > whole / 4, "a part of the body at the upstream");
                    }
                }

                await client.WriteAsync("0\r\n\r\n");
                response = await client.ReadResponseAsync();
            }

            response.Status.Should().Be(200, way.ToString());
            var seen = world.SentSince(mark).Should().ContainSingle(way.ToString()).Subject;
            seen.BodyLength.Should().Be(whole, way.ToString());
            seen.End.Should().Be(ResponseEnd.Complete, way.ToString());
        }
    }
}
