using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Services that fail, directly dialled.</summary>
public sealed class FailureTests
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(300);

    public static MatrixTheoryData<Shape, WireProtocol> Shapes { get; } = new([Shape.Path, Shape.Request], ServiceAnswers.Protocols);

    public static MatrixTheoryData<Shape, WireProtocol, AfterAnswer> Ends { get; } =
        new([Shape.Path, Shape.Request], ServiceAnswers.Protocols, [AfterAnswer.Close, AfterAnswer.Reset]);

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H88_A_Service_that_refuses_the_connection_is_502(Shape shape, WireProtocol protocol)
    {
        using var refused = new RefusedPort();
        await using var passage = await ServicePassage.StartAsync(prepare: cluster => ServiceCluster.AddService(cluster, "web", refused.Port));

        var response = await SendAsync(passage, shape, protocol);

        response.ShouldRefuse(502, "BadGateway");
        response.ShouldGiveNothingAway(refused.Port);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H88_A_name_that_does_not_resolve_is_502(Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(prepare: static cluster => cluster.Put("""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},
             "spec":{"type":"ExternalName","externalName":"no-such-host.invalid","ports":[{"name":"http","port":80}]}}
            """));

        var response = await SendAsync(passage, shape, protocol);

        response.ShouldRefuse(502, "BadGateway");
        response.ToString().Should().NotContain("no-such-host").And.NotContain("invalid");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H88_A_bad_certificate_is_502(Shape shape, WireProtocol protocol)
    {
        await using var secure = new RawUpstream(new() { Certificate = new TestCertificates().Server("web.default.svc").Certificate });
        await using var passage = await ServicePassage.StartAsync(
            prepare: cluster => ServiceCluster.AddService(cluster, "web", secure.Port, """[{"name":"https","port":443}]"""));

        var response = await SendAsync(passage, shape, protocol);

        response.ShouldRefuse(502, "BadGateway");
        response.ShouldGiveNothingAway(secure.Port);
        response.ToString().Should().NotContain("web.default.svc").And.NotContain("Fairlead test authority");
        secure.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H88_A_Service_that_speaks_no_TLS_on_its_TLS_port_is_502(WireProtocol protocol)
    {
        await using var plain = RawUpstream.PlaintextOnTlsPort();
        await using var passage = await ServicePassage.StartAsync(
            prepare: cluster => ServiceCluster.AddService(cluster, "web", plain.Port, """[{"name":"https","port":443}]"""));

        var response = await SendAsync(passage, Shape.Path, protocol);

        response.ShouldRefuse(502, "BadGateway");
        response.ShouldGiveNothingAway(plain.Port);
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H88_A_WebSocket_to_a_Service_that_refuses_the_connection_is_502_as_an_ordinary_answer(WireProtocol protocol)
    {
        using var refused = new RefusedPort();
        await using var passage = await ServicePassage.StartAsync(prepare: cluster => ServiceCluster.AddService(cluster, "web", refused.Port));
        await using var client = await passage.ConnectAsync(protocol);

        var response = await (await client.UpgradeAsync(RawRequest.WebSocket("/serviceproxy/default/web/ws", "chat").WithBearer(ServiceCluster.UserToken))).ReadToEndAsync();

        response.ShouldRefuse(502, "BadGateway");
        response.ShouldGiveNothingAway(refused.Port);
    }

    [Fact]
    public async Task H88_An_API_server_that_cannot_be_reached_is_502()
    {
        using var refused = new RefusedPort();
        var server = new Uri($"https://127.0.0.1:{refused.Port}");
        await using var passage = await ServicePassage.StartAsync(
            change: options => options.WithClusters(cluster => cluster with { Connection = cluster.Connection with { Server = server } }));

        var response = await passage.GetAsync("/serviceproxy/default/web/x");

        response.ShouldRefuse(502, "BadGateway");
        response.ShouldGiveNothingAway(refused.Port);
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"addresses":["127.0.0.1"],"conditions":{"ready":false} }]""")]
    [InlineData("""[{"addresses":["127.0.0.1"],"conditions":{"ready":false,"serving":true,"terminating":true} }]""")]
    public async Task H89_A_Service_without_a_ready_endpoint_is_503(string endpoints)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Cluster.Put($$"""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
             "metadata":{"name":"web-1","namespace":"default","labels":{"kubernetes.io/service-name":"web"} },
             "ports":[{"name":"http","port":{{passage.Upstream.Port}},"protocol":"TCP"}],"endpoints":{{endpoints}} }
            """);
        foreach (var shape in new[] { Shape.Path, Shape.Request })
        {
            (await SendAsync(passage, shape, WireProtocol.Http11)).ShouldRefuse(503, "ServiceUnavailable");
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H89_A_Service_without_any_slice_is_503(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(prepare: static cluster => cluster.Remove("EndpointSlice", "default", "web-1"));

        (await SendAsync(passage, Shape.Path, protocol)).ShouldRefuse(503, "ServiceUnavailable");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H90_A_Service_that_accepts_and_never_answers_is_504_after_the_limit(Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithDoor(static door => door with { HeadersTimeout = _short }));
        Silence(passage.Upstream);

        var response = await SendAsync(passage, shape, protocol);

        response.ShouldRefuse(504, "Timeout");
        response.ShouldGiveNothingAway(passage.Upstream.Port);
        await passage.Upstream.WaitForNoConnectionAsync();
        passage.Seen.Should().ContainSingle("the request is not repeated");
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H90_The_limit_can_be_another_for_one_Service(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithService(static service => service with { HeadersTimeout = _short }));
        Silence(passage.Upstream);

        (await SendAsync(passage, Shape.Path, protocol)).ShouldRefuse(504, "Timeout");
        await passage.Upstream.WaitForNoConnectionAsync();
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H90_A_WebSocket_that_is_never_answered_is_504(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithDoor(static door => door with { HeadersTimeout = _short }));
        Silence(passage.Upstream);
        await using var client = await passage.ConnectAsync(protocol);

        var response = await (await client.UpgradeAsync(RawRequest.WebSocket("/serviceproxy/default/web/ws", "chat").WithBearer(ServiceCluster.UserToken))).ReadToEndAsync();

        response.ShouldRefuse(504, "Timeout");
        await passage.Upstream.WaitForNoConnectionAsync();
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task H91_A_body_that_never_begins_is_cut_or_502(Shape shape, WireProtocol protocol, AfterAnswer how)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Upstream.Respond(RawAnswer.Truncated(5, "", how));

        ShouldBeCutOr502(await SendAsync(passage, shape, protocol));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public Task H91_10_of_1000_bytes_are_cut_for_the_client(Shape shape, WireProtocol protocol, AfterAnswer how) =>
        IsCutAsync(shape, protocol, RawAnswer.Truncated(1000, "0123456789", how));

    [Theory]
    [MemberData(nameof(Ends))]
    public Task H91_Chunks_without_the_last_one_are_cut_for_the_client(Shape shape, WireProtocol protocol, AfterAnswer how) =>
        IsCutAsync(shape, protocol, RawAnswer.TruncatedChunked(how, "0123456789"));

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task H91_A_connection_that_closes_before_any_header_is_502_and_the_request_is_not_repeated(Shape shape, WireProtocol protocol, AfterAnswer how)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Upstream.Respond(RawAnswer.Nothing(how));

        var response = await passage.ExchangeAsync(protocol, new RawRequest("POST", shape.Target("/x")).WithBody("{}").WithBearer(ServiceCluster.UserToken));

        response.ShouldRefuse(502, "BadGateway");
        response.ShouldGiveNothingAway(passage.Upstream.Port);
        passage.Seen.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H92_A_client_that_leaves_before_the_answer_ends_the_upstream_request(Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();
        Silence(passage.Upstream);
        await using var client = await passage.ConnectAsync(protocol);
        _ = client.SendAsync(RawRequest.Get(shape.Target("/slow")).WithBearer(ServiceCluster.UserToken));
        var request = await passage.Upstream.WaitForRequestAsync();

        client.Reset();

        await request.Connection.WaitForPeerToCloseAsync();
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H92_A_client_that_leaves_in_the_body_ends_the_upstream_request(Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Upstream.OnConnection(static async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(RawAnswer.Head(200, "Content-Type: text/plain", "Content-Length: 1000") + "0123456789");
            await connection.PeerClosed;
        });
        await using (var client = await passage.ConnectAsync(protocol))
        {
            var response = await client.SendAsync(RawRequest.Get(shape.Target("/slow")).WithBearer(ServiceCluster.UserToken));
            response.Status.Should().Be(200, response.ToString());
        }

        await passage.Seen.Should().ContainSingle().Subject.Connection.WaitForPeerToCloseAsync();
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H92_A_client_that_leaves_a_WebSocket_ends_it_for_the_Service(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Upstream.OnConnection(static async connection =>
        {
            await connection.WriteAsync(WebSocketHandshake.Accept((await connection.ReadRequestAsync())!, "chat"));
            await connection.PeerClosed;
        });
        await using var client = await passage.ConnectAsync(protocol);
        var response = await client.UpgradeAsync(RawRequest.WebSocket("/serviceproxy/default/web/ws", "chat").WithBearer(ServiceCluster.UserToken));
        response.Status.Should().Be(protocol is WireProtocol.Http11 ? 101 : 200, response.ToString());

        client.Reset();

        await passage.Seen.Should().ContainSingle().Subject.Connection.WaitForPeerToCloseAsync();
    }

    private static async Task IsCutAsync(Shape shape, WireProtocol protocol, RawAnswer answer)
    {
        await using var passage = await ServicePassage.StartAsync();
        var gate = new Gate();
        passage.Upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(answer.Bytes);
            // A reset overtakes bytes that were not read yet, so it waits until the client has them.
            await gate.WaitAsync();
            await connection.AnswerAsync(RawAnswer.Nothing(answer.Then));
            await connection.PeerClosed;
        });
        await using var client = await passage.ConnectAsync(protocol);

        var response = await client.SendAsync(RawRequest.Get(shape.Target("/x")).WithBearer(ServiceCluster.UserToken));
        response.Status.Should().Be(200, response.ToString());
        while (response.Body.Length < 10)
        {
            (await response.ReadChunkAsync()).Should().NotBeNull();
        }

        gate.Open();
        await response.ReadToEndAsync();

        response.BodyText.Should().Be("0123456789", "nothing is put into a forwarded body");
        response.ShouldBeCut();
    }

    private static void ShouldBeCutOr502(RawResponse response)
    {
        if (response.Status == 502)
        {
            response.ShouldRefuse(502, "BadGateway");
            response.End.Should().Be(ResponseEnd.Complete);
        }
        else
        {
            response.ShouldBeCut();
        }
    }

    private static void Silence(RawUpstream upstream) => upstream.OnConnection(static async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.PeerClosed;
    });

    private static Task<RawResponse> SendAsync(ServicePassage passage, Shape shape, WireProtocol protocol) =>
        passage.ExchangeAsync(protocol, RawRequest.Get(shape.Target("/x")).WithBearer(ServiceCluster.UserToken));
}
