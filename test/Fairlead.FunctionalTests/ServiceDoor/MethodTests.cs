using System.Text;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Methods and bodies (contract H18, H19).</summary>
public sealed class MethodTests
{
    private const int Piece = 64 * 1024;
    private const int Pieces = 1024;

    private static readonly string[] _shapes =
    [
        "/serviceproxy/default/web/x",
        "/clusters/main/serviceproxy/default/web/x",
        "/clusters/main/serviceproxy/default/web?request=x",
        "/serviceproxy/default/web?request=x",
    ];

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H18_Every_method_arrives_in_every_shape(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        passage.Upstream.Respond(static seen => seen.Method is "HEAD" ? (RawAnswer)RawAnswer.Head(200, "Content-Length: 6") : RawAnswer.Text(200, "answer"));
        foreach (var method in Methods(way))
        {
            foreach (var shape in _shapes)
            {
                var response = await passage.SendAsync(way, new RawRequest(method, shape));

                response.Status.Should().Be(200, "{0} {1} is served, and the answer is {2}", method, shape, response);
                response.BodyText.Should().Be(method is "HEAD" ? "" : "answer");
                response.Header("Content-Length").Should().Be("6");
                response.End.Should().Be(ResponseEnd.Complete);
                passage.Seen[^1].RequestLine.Should().Be($"{method} /x HTTP/1.1");
            }
        }

        passage.Seen.Should().HaveCount(Methods(way).Length * _shapes.Length);
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H18_Bodies_arrive_byte_for_byte_with_their_type_in_every_shape(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        byte[] body = [.. Enumerable.Range(0, 256).Select(static value => (byte)value), .. Encoding.UTF8.GetBytes("é\r\n")];
        foreach (var method in Methods(way).Except(["GET", "HEAD"]))
        {
            foreach (var shape in _shapes)
            {
                foreach (var chunked in new[] { false, true })
                {
                    var request = new RawRequest(method, shape) { Body = body, Chunked = chunked };
                    var response = await passage.SendAsync(way, request.With("Content-Type", "application/x-bytes; v=1"));

                    response.Status.Should().Be(200, "{0} {1} is served, and the answer is {2}", method, shape, response);
                    var seen = passage.Seen[^1];
                    seen.Method.Should().Be(method);
                    seen.Body.Should().Equal(body);
                    seen.End.Should().Be(ResponseEnd.Complete);
                    seen.Header("Content-Type").Should().Be("application/x-bytes; v=1");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H18_Methods_that_are_not_served_are_405_in_every_shape(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        foreach (var method in new[] { "TRACE", "FOO", "trace", "PROPFIND", "G" })
        {
            foreach (var shape in _shapes)
            {
                var response = await passage.SendAsync(way, new RawRequest(method, shape));

                response.ShouldBeRefused(405, " ", $"{method} {shape}");
                response.Header("Allow").Should().Be("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            }
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H18_CONNECT_reaches_nobody(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        foreach (var target in _shapes.Append("web.default.svc.cluster.local:80"))
        {
            var response = await passage.SendAsync(way, new RawRequest("CONNECT", target));

            // A CONNECT whose target is a path, or with a :path on HTTP/2, is malformed: the server itself ends it.
            response.Status.Should().BeOneOf([0, 400, 405], target);
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();
    }

    [Theory]
    [InlineData(ServiceWay.Http11Direct, "/serviceproxy/default/big/upload")]
    [InlineData(ServiceWay.Http11Direct, "/clusters/main/serviceproxy/default/big?request=upload")]
    [InlineData(ServiceWay.Http2Direct, "/serviceproxy/default/big/upload")]
    [InlineData(ServiceWay.Http2Direct, "/clusters/main/serviceproxy/default/big?request=upload")]
    [InlineData(ServiceWay.Http11ApiServer, "/serviceproxy/default/big/upload")]
    [InlineData(ServiceWay.Http2ApiServer, "/clusters/main/serviceproxy/default/big?request=upload")]
    public async Task H19_A_POST_of_64_MiB_arrives_whole(ServiceWay way, string target)
    {
        const long Whole = (long)Piece * Pieces;
        await using var upstream = new RawUpstream(new RawUpstreamOptions { KeepBodies = false });
        await using var passage = await ServiceWire.StartAsync(way);
        ServiceCluster.AddService(passage.Cluster, "big", upstream.Port);
        var post = new RawRequest("POST", target).WithBearer(ServiceCluster.UserToken);

        var response = way.FromHttp2() ? await UploadHttp2Async(passage.Gateway.TlsPort, post) : await UploadHttp11Async(passage.Gateway.Port, post);

        response.Status.Should().Be(200, response.ToString());
        var seen = upstream.Requests.Should().ContainSingle().Which;
        seen.RequestLine.Should().Be("POST /upload HTTP/1.1");
        seen.BodyLength.Should().Be(Whole);
        seen.End.Should().Be(ResponseEnd.Complete);
    }

    private static async Task<RawResponse> UploadHttp11Async(int port, RawRequest post)
    {
        await using var client = await RawClient.ConnectAsync(port);
        var piece = RawRequest.ChunkOf(new byte[Piece]);
        await client.WriteAsync(post.With("Transfer-Encoding", "chunked").ToHttp11());
        for (var i = 0; i < Pieces; i++)
        {
            await client.WriteAsync(piece);
        }

        await client.WriteAsync("0\r\n\r\n");
        return await client.ReadResponseAsync();
    }

    private static async Task<RawResponse> UploadHttp2Async(int port, RawRequest post)
    {
        await using var client = await RawHttp2Client.ConnectAsync(port, new RawTls());
        var piece = new byte[Piece];
        var exchange = await client.OpenAsync(post with { KeepSending = true });
        for (var i = 0; i < Pieces; i++)
        {
            await exchange.WriteAsync(piece);
        }

        await exchange.EndAsync();
        return await exchange.ReadResponseAsync();
    }

    /// <summary>The served methods; RBAC knows no verb for OPTIONS, which the stand-in API server answers 405.</summary>
    private static string[] Methods(ServiceWay way) =>
        way.IsDirect() ? ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] : ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
}
