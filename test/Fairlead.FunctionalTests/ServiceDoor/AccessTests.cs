using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>What a caller may do with a Service: the verb on <c>services/proxy</c> by the method, or a rule.</summary>
public sealed class AccessTests
{
    public static MatrixTheoryData<Via, WireProtocol> Ways { get; } = new(Enum.GetValues<Via>(), ServiceAnswers.Protocols);

    public static MatrixTheoryData<Via, string, string> Verbs { get; } =
        new(Enum.GetValues<Via>(), ["GET get", "POST create", "PUT update", "PATCH patch", "DELETE delete"], ["/serviceproxy/default/web/x", "/clusters/main/serviceproxy/default/web?request=x"]);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H53_Who_may_not_get_services_proxy_sees_403_for_existing_and_missing_Services_alike(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice(), prepare: static cluster => cluster.LetIn("V", "bob", "system:authenticated"));

        var existing = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer("V"));
        var missing = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/abc/x").WithBearer("V"));
        var elsewhere = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/nowhere/web/x").WithBearer("V"));
        var port = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x?port=4711").WithBearer("V"));

        foreach (var response in new[] { existing, missing, elsewhere, port })
        {
            response.ShouldRefuse(403, "Forbidden", "get", "services/proxy");
        }

        missing.BodyText.Should().Be(existing.BodyText.Replace("web", "abc", StringComparison.Ordinal));
        port.BodyText.Should().Be(existing.BodyText);
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H53_A_portal_caller_without_a_rule_sees_403_for_existing_and_missing_Services_alike(Via via, WireProtocol protocol)
    {
        var rule = TestGateway.AllowAll with { Resources = ["pods"] };
        await using var passage = await ServicePassage.StartAsync(via.Choice(), options => options with { AccessRules = [rule] });

        var existing = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(TestGateway.Token));
        var missing = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/abc/x").WithBearer(TestGateway.Token));

        existing.ShouldRefuse(403, "Forbidden");
        missing.ShouldRefuse(403, "Forbidden");
        missing.BodyText.Should().Be(existing.BodyText.Replace("web", "abc", StringComparison.Ordinal));
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H53_A_rule_for_services_proxy_in_one_namespace_is_enough_there_alone(Via via, WireProtocol protocol)
    {
        var rule = TestGateway.AllowAll with { Namespaces = ["default"], Resources = ["services/proxy"], Verbs = ["get"] };
        await using var passage = await ServicePassage.StartAsync(via.Choice(), options => options with { AccessRules = [rule] });

        var allowed = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(TestGateway.Token));
        var elsewhere = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/other/web/x").WithBearer(TestGateway.Token));
        var write = await passage.ExchangeAsync(protocol, new RawRequest("POST", "/serviceproxy/default/web/x").WithBearer(TestGateway.Token).WithBody("{}"));

        allowed.Status.Should().Be(200, allowed.ToString());
        elsewhere.ShouldRefuse(403, "Forbidden");
        write.ShouldRefuse(403, "Forbidden");
        passage.Seen.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H54_A_caller_with_get_only_cannot_POST(Via via, WireProtocol protocol)
    {
        await using var passage = await StartAsync(via, "get");

        var read = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer("V"));
        var write = await passage.ExchangeAsync(protocol, new RawRequest("POST", "/serviceproxy/default/web/x").WithBody("{}").WithBearer("V"));

        read.Status.Should().Be(200, read.ToString());
        write.Status.Should().Be(403, write.ToString());
        write.Json.RootElement.GetProperty("message").GetString().Should().Contain("create").And.Contain("services/proxy");
        passage.Seen.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H54_A_caller_with_get_only_cannot_open_a_WebSocket(Via via, WireProtocol protocol)
    {
        await using var passage = await StartAsync(via, "get");
        await using var client = await passage.ConnectAsync(protocol);

        var response = await (await client.UpgradeAsync(RawRequest.WebSocket("/serviceproxy/default/web/ws", "chat").WithBearer("V"))).ReadToEndAsync();

        response.ShouldRefuse(403, "Forbidden", "create", "services/proxy");
        passage.ShouldHaveSentNothing();
    }

    // Directly alone: over the API server with the caller's own token it is the server that judges, and RBAC has no verb for OPTIONS.
    [Theory]
    [InlineData(Via.Direct, "OPTIONS get", "/serviceproxy/default/web/x")]
    [InlineData(Via.Direct, "OPTIONS get", "/clusters/main/serviceproxy/default/web?request=x")]
    [MemberData(nameof(Verbs))]
    public async Task H54_Each_method_needs_its_own_verb_and_no_other(Via via, string pair, string target)
    {
        var (method, verb) = (pair.Split(' ')[0], pair.Split(' ')[1]);
        var others = string.Join(' ', new[] { "get", "create", "update", "patch", "delete" }.Where(other => !string.Equals(other, verb, StringComparison.Ordinal)));
        await using var passage = await StartAsync(via, verb);
        passage.Cluster.LetIn("W", "dan", "system:authenticated");
        ServiceCluster.Allow(passage.Cluster, "dan", others, "", "services/proxy");

        var allowed = await passage.SendBareAsync(new RawRequest(method, target).WithBearer("V"));
        var denied = await passage.SendBareAsync(new RawRequest(method, target).WithBearer("W"));

        allowed.Status.Should().Be(200, allowed.ToString());
        denied.Status.Should().Be(403, denied.ToString());
        denied.Json.RootElement.GetProperty("message").GetString().Should().Contain($" {verb} ");
        passage.Seen.Should().ContainSingle().Which.Method.Should().Be(method);
    }

    [Fact]
    public async Task H54_Each_caller_is_reviewed_with_their_own_token()
    {
        await using var passage = await StartAsync(Via.Direct, "get");

        (await passage.SendBareAsync(RawRequest.Get("/serviceproxy/default/web/x").WithBearer("V"))).Status.Should().Be(200);

        passage.AskedBy("carl").Should().Equal("POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H55_With_requires_services_get_that_is_enough_to_read_and_not_to_write(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithDoor(static door => door with { RequiresOnlyGet = true }), prepare: GetServices);
        await using var client = await passage.ConnectAsync(protocol);

        var read = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer("V"));
        var head = await passage.ExchangeAsync(protocol, new RawRequest("HEAD", "/serviceproxy/default/web/x").WithBearer("V"));
        var write = await passage.ExchangeAsync(protocol, new RawRequest("POST", "/serviceproxy/default/web/x").WithBody("{}").WithBearer("V"));
        var upgrade = await (await client.UpgradeAsync(RawRequest.WebSocket("/serviceproxy/default/web/ws", "chat").WithBearer("V"))).ReadToEndAsync();

        read.Status.Should().Be(200, read.ToString());
        head.Status.Should().Be(200, head.ToString());
        write.ShouldRefuse(403, "Forbidden", "create");
        upgrade.ShouldRefuse(403, "Forbidden", "create");
        passage.Seen.Select(static request => request.Method).Should().Equal("GET", "HEAD");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H55_Without_it_services_get_is_not_enough(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice(), prepare: GetServices);

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer("V"));

        response.Status.Should().Be(403, response.ToString());
        passage.ShouldHaveSentNothing();
    }

    private static Task<ServicePassage> StartAsync(Via via, string verbs) => ServicePassage.StartAsync(via.Choice(), prepare: cluster =>
    {
        cluster.LetIn("V", "carl", "system:authenticated");
        ServiceCluster.Allow(cluster, "carl", verbs, "", "services/proxy");
    });

    private static void GetServices(Fairlead.Demo.DemoCluster cluster)
    {
        cluster.LetIn("V", "carl", "system:authenticated");
        ServiceCluster.Allow(cluster, "carl", "get", "", "services");
    }
}
