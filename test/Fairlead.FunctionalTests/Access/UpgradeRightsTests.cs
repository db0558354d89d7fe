using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Access;

/// <summary>
/// An upgrade needs <c>create</c>, whoever judges. Before 1.35 an API server takes the method's verb for a WebSocket, and for what is proxied for ever.
/// </summary>
public sealed class UpgradeRightsTests : IAsyncDisposable
{
    private const string OwnToken = "own-token";
    private readonly RawUpstream _upstream = new();
    private volatile bool _allows;

    public UpgradeRightsTests() => _upstream.OnConnection(async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            if (ReviewAnswers.IsReview(request))
            {
                // Who may read may do everything but create.
                await connection.AnswerAsync(ReviewAnswers.Answer(_allows || !request.BodyText.Contains("\"verb\":\"create\"", StringComparison.Ordinal)));
                continue;
            }

            await connection.WriteAsync(WebSocketHandshake.Accept(request, "v5.channel.k8s.io"));
            await connection.PeerClosed;
            return;
        }
    });

    public static MatrixTheoryData<string, bool, WireProtocol> Upgrades { get; } = new(
        [
            "/api/v1/namespaces/team/pods/web/exec?command=sh", "/api/v1/namespaces/team/pods/web/attach?stdin=true", "/api/v1/namespaces/team/pods/web/portforward?ports=80",
            "/api/v1/namespaces/team/pods/web/proxy", "/api/v1/namespaces/team/pods/web/proxy/x", "/api/v1/namespaces/team/pods/https:web:443/proxy/x", "/api/v1/namespaces/team/services/web/proxy/socket",
            "/api/v1/nodes/n/proxy/exec/team/web/main?command=sh", "/api/v1/nodes/n/proxy/run/team/web/main", "/api/v1/nodes/n/proxy/attach/team/web/main", "/api/v1/nodes/n/proxy/portForward/team/web",
        ],
        [true, false],
        WireClient.Protocols);

    [Theory]
    [MemberData(nameof(Upgrades))]
    public async Task B63_T24_Who_may_only_get_opens_nothing(string path, bool isOwn, WireProtocol protocol)
    {
        await using var gateway = await StartAsync();

        (await OpenAsync(gateway, path, isOwn, protocol)).Should().Be(403);

        _upstream.Forwarded().Should().BeEmpty("no cluster is asked to open anything");
        _upstream.Requests.Count(ReviewAnswers.IsReview).Should().Be(isOwn ? 1 : 0);
    }

    [Theory]
    [MemberData(nameof(Upgrades))]
    public async Task T24_Who_may_create_opens_it(string path, bool isOwn, WireProtocol protocol)
    {
        _allows = true;
        await using var gateway = await StartAsync("get", "create");

        (await OpenAsync(gateway, path, isOwn, protocol)).Should().Be(protocol is WireProtocol.Http2Tls ? 200 : 101);

        var sent = _upstream.Forwarded().Should().ContainSingle().Subject;
        sent.Target.Should().Be(path);
        if (isOwn)
        {
            var review = _upstream.Requests.Should().ContainSingle(static request => ReviewAnswers.IsReview(request)).Subject;
            review.Header("Authorization").Should().Be("Bearer " + OwnToken);
            review.BodyText.Should().Contain("\"verb\":\"create\"").And.Contain($"\"resource\":\"{(path.Contains("/nodes/", StringComparison.Ordinal) ? "nodes" : path.Contains("/services/", StringComparison.Ordinal) ? "services" : "pods")}\"");
        }
    }

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private static async Task<int> OpenAsync(TestGateway gateway, string path, bool isOwn, WireProtocol protocol)
    {
        await using var client = await WireClient.ConnectAsync(protocol, protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort);
        return (await client.UpgradeAsync(RawRequest.WebSocket((isOwn ? "/clusters/own" : "/clusters/held") + path, "v5.channel.k8s.io").WithBearer(isOwn ? OwnToken : TestGateway.Token))).Status;
    }

    private Task<TestGateway> StartAsync(params string[] verbs) => TestGateway.StartAsync(
        TestGateway.Options(TestCluster.Held("held", _upstream.Url), TestCluster.ClientSide("own", _upstream.Url, "passThrough", null)) with
        {
            AccessRules = [TestGateway.AllowAll with { Verbs = verbs.Length > 0 ? verbs : ["get", "list", "watch", "update", "patch", "delete"] }],
        });
}
