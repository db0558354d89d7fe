using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Audit;

/// <summary>What a record holds.</summary>
public sealed class ContentTests
{
    private const string Pods = "/api/v1/namespaces/team/pods";

    public static TheoryData<WireProtocol> Protocols { get; } = [.. WireClient.Protocols];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task F52_A_record_says_who_what_from_where_how_long_and_how_much(WireProtocol protocol)
    {
        await using var world = await AuditWorld.StartAsync();
        world.Upstream.Respond(RawAnswer.Json(201, new string('x', 5000)));

        await world.SendAsync(
            protocol, AuditWorld.Request(EitherDoor.Cluster, "POST", Pods + "?fieldManager=SENTINEL").With("User-Agent", "kubectl/v1.35.0").With("Cookie", "c=SENTINEL").WithBody("SENTINEL" + new string('y', 992)));

        var record = (await AuditEvents.ReadAsync(world.AuditFile, 1)).Single();
        record.GetProperty("kind").GetString().Should().Be("Event");
        record.GetProperty("apiVersion").GetString().Should().Be("audit.k8s.io/v1");
        record.GetProperty("level").GetString().Should().Be("Metadata");
        record.Stage().Should().Be("ResponseComplete");
        Guid.TryParse(record.GetProperty("auditID").GetString(), out _).Should().BeTrue();
        record.GetProperty("verb").GetString().Should().Be("create");
        record.User().Should().Be("portal-caller");
        record.GetProperty("user").GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().Equal("portal");
        record.GetProperty("sourceIPs").EnumerateArray().Select(static ip => ip.GetString()).Should().Equal("127.0.0.1");
        record.GetProperty("userAgent").GetString().Should().Be("kubectl/v1.35.0");
        record.GetProperty("objectRef").GetProperty("resource").GetString().Should().Be("pods");
        record.GetProperty("objectRef").GetProperty("namespace").GetString().Should().Be("team");
        record.Code().Should().Be(201);
        record.Annotation("door").Should().Be("Cluster");
        record.Annotation("login").Should().Be("Static");
        record.Annotation("credential").Should().Be("ServiceAccount");
        record.Annotation("request-bytes").Should().Be("1000");
        record.Annotation("response-bytes").Should().Be("5000");
        record.Annotation("duration-seconds").Should().MatchRegex(@"^\d+\.\d{6}$");
        record.GetRawText().Should().NotContain("SENTINEL").And.NotContain(TestGateway.Token).And.NotContain("Bearer");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task F52_A_watch_is_recorded_when_it_begins_and_when_it_ends_under_one_id(WireProtocol protocol)
    {
        await using var world = await AuditWorld.StartAsync();
        var end = new TaskCompletionSource();
        world.Upstream.OnConnection(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await connection.WriteAsync(RawAnswer.ChunkedHead(200));
                await end.Task;
                await connection.WriteAsync(RawAnswer.Chunk("{}\n"));
                await connection.WriteAsync(RawAnswer.LastChunk);
            }
        });
        await using var client = await WireClient.ConnectAsync(protocol, world.Port(protocol));
        var watch = await client.SendAsync(AuditWorld.Request(EitherDoor.Cluster, "GET", Pods + "?watch=true"));

        var started = (await AuditEvents.ReadAsync(world.AuditFile, 1, stage: null)).Single();
        started.Stage().Should().Be("ResponseStarted");
        started.Code().Should().Be(200);
        started.Annotation("outcome").Should().BeNull("it is not over");
        started.Annotation("decided-by").Should().Be("rule everything");
        end.SetResult();
        (await watch.ReadToEndAsync()).BodyText.Should().Be("{}\n");

        var ended = (await AuditEvents.ReadAsync(world.AuditFile, 1)).Single();
        ended.GetProperty("auditID").GetString().Should().Be(started.GetProperty("auditID").GetString());
        ended.Annotation("outcome").Should().Be("Complete");
        ended.Annotation("response-bytes").Should().Be("3");
        AuditEvents.In(world.AuditFile, stage: null).Should().HaveCount(2);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task F52_An_upgraded_connection_is_recorded_when_it_begins_and_with_its_bytes_when_it_ends(WireProtocol protocol)
    {
        await using var world = await AuditWorld.StartAsync();
        world.Upstream.OnConnection(static async connection =>
        {
            if (await connection.ReadForwardedAsync() is { } handshake)
            {
                await connection.WriteAsync(WebSocketHandshake.Accept(handshake, "v5.channel.k8s.io"));
                await WebSocketFrames.ReadAsync(connection.Duplex);
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfChannel(1, "hello"));
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfClose());
                await WebSocketFrames.ReadAsync(connection.Duplex);
                await connection.CloseAsync();
                await connection.PeerClosed;
            }
        });
        await using var client = await WireClient.ConnectAsync(protocol, world.Port(protocol));
        var request = RawRequest.WebSocket(Pods + "/web/exec?command=SENTINEL&stdin=true", "v5.channel.k8s.io");
        var response = await client.UpgradeAsync(EitherDoor.Cluster.Request(request));

        var started = (await AuditEvents.ReadAsync(world.AuditFile, 1, stage: null)).Single();
        started.Stage().Should().Be("ResponseStarted");
        started.GetProperty("verb").GetString().Should().Be("create");
        started.GetProperty("objectRef").GetProperty("subresource").GetString().Should().Be("exec");
        started.Annotation("upgrade").Should().Be("WebSocket");
        var typed = WebSocketFrames.Encode(WebSocketFrame.OfChannel(0, "typed"), masked: true);
        await response.Duplex.WriteAsync(typed);
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Payload.Should().Equal([1, .. "hello"u8]);
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Opcode.Should().Be(WebSocketOpcode.Close);
        var close = WebSocketFrames.Encode(WebSocketFrame.OfClose(), masked: true);
        await response.Duplex.WriteAsync(close);
        (await WebSocketFrames.ReadAsync(response.Duplex)).Should().BeNull();

        var ended = (await AuditEvents.ReadAsync(world.AuditFile, 1)).Single();
        ended.GetProperty("auditID").GetString().Should().Be(started.GetProperty("auditID").GetString());
        ended.Annotation("outcome").Should().Be("Complete");
        ended.Annotation("request-bytes").Should().Be((typed.Length + close.Length).ToString(System.Globalization.CultureInfo.InvariantCulture));
        ended.Annotation("response-bytes").Should().Be("12");
        ended.GetRawText().Should().NotContain("SENTINEL");
        AuditEvents.In(world.AuditFile, stage: null).Should().HaveCount(2);
    }

    [Fact]
    public async Task F52_A_stream_that_is_refused_by_the_cluster_has_one_record()
    {
        await using var world = await AuditWorld.StartAsync();
        world.Upstream.Respond(RawAnswer.Json(403, "{}"));

        await world.SendAsync(WireProtocol.Http11, AuditWorld.Request(EitherDoor.Cluster, "GET", Pods + "?watch=true"));
        await world.SendAsync(WireProtocol.Http11, AuditWorld.Request(EitherDoor.Cluster, "GET", Pods + "/web/log?follow=true"));

        await AuditEvents.ReadAsync(world.AuditFile, 2);
        AuditEvents.In(world.AuditFile, stage: null).Select(AuditEvents.Stage).Should().Equal("ResponseComplete", "ResponseComplete");
    }

    [Fact]
    public async Task F52_Routes_of_the_gateways_own_have_their_records()
    {
        await using var world = await AuditWorld.StartAsync();
        await world.SendAsync(WireProtocol.Http11, RawRequest.Get("/"));
        await world.SendAsync(WireProtocol.Http11, RawRequest.Get("/auth/me").WithBearer(TestGateway.Token));
        await world.SendAsync(WireProtocol.Http11, RawRequest.Get("/api/kubernetes/clusters").WithBearer(AuditWorld.ViewerToken));
        await world.SendAsync(WireProtocol.Http11, RawRequest.Get("/auth/me"));
        await world.SendAsync(WireProtocol.Http11, RawRequest.Get("/nothing/here"));

        // A record is written after its answer, so that two may change places.
        var records = (await AuditEvents.ReadAsync(world.AuditFile, 5)).OrderBy(static record => record.GetProperty("requestReceivedTimestamp").GetString(), StringComparer.Ordinal).ToArray();
        records.Select(static record => (record.Target(), record.Code(), record.User(), record.Annotation("login"), record.Annotation("outcome"), record.Annotation("decision"))).Should().Equal(
            ("/", 200, "system:anonymous", null, "Complete", null),
            ("/auth/me", 200, "portal-caller", "Static", "Complete", null),
            ("/api/kubernetes/clusters", 200, "viewer", "Static", "Complete", null),
            ("/auth/me", 401, "system:anonymous", null, "Refused/MissingCredentials", "deny"),
            ("/nothing/here", 404, "system:anonymous", null, "Refused/UnknownRoute", "deny"));
        records[1].Annotation("response-bytes").Should().NotBe("0");
        var refused = records[3].GetProperty("responseStatus");
        refused.GetProperty("status").GetString().Should().Be("Failure");
        refused.GetProperty("reason").GetString().Should().Be("Unauthorized");
        refused.GetProperty("message").GetString().Should().Contain("Missing credentials");
    }

    [Fact]
    public async Task F52_Whom_a_caller_asks_to_be_is_recorded()
    {
        await using var world = await AuditWorld.StartAsync();
        world.Upstream.Respond(RawAnswer.Json(200, "{}"));

        await world.SendAsync(
            WireProtocol.Http11, AuditWorld.Request(EitherDoor.Cluster, "GET", Pods, "own", "a-cluster-token").With("Impersonate-User", "bob").With("Impersonate-Group", "devs").With("Impersonate-Group", "ops"));

        var record = (await AuditEvents.ReadAsync(world.AuditFile, 1)).Single();
        record.User().Should().Be("(judged by the cluster)");
        var impersonated = record.GetProperty("impersonatedUser");
        impersonated.GetProperty("username").GetString().Should().Be("bob");
        impersonated.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().Equal("devs", "ops");
    }

    [Fact]
    public async Task F52_A_long_name_of_somebody_elses_makes_no_long_record()
    {
        await using var world = await AuditWorld.StartAsync();

        await world.SendAsync(WireProtocol.Http11, RawRequest.Get("/api/kubernetes/proxy/api/v1/pods").WithBearer(TestGateway.Token).With("Backstage-Kubernetes-Cluster", new string('c', 20_000)).With("User-Agent", new string('u', 20_000)));

        var record = (await AuditEvents.ReadAsync(world.AuditFile, 1)).Single();
        record.Annotation("requested-cluster").Should().HaveLength(253);
        record.GetProperty("userAgent").GetString().Should().HaveLength(1024);
    }
}
