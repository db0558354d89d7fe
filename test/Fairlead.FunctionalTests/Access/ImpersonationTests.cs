using System.Text;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.Callers;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Access;

/// <summary>The gateway's account says who the caller is, and the cluster's RBAC judges them (decision 13). What the upstream sees is complete, or nothing is sent.</summary>
public sealed class ImpersonationTests : IAsyncDisposable
{
    private const string Nothing = """{"kind":"SelfSubjectRulesReview","apiVersion":"authorization.k8s.io/v1","spec":{},"status":{"resourceRules":[{"verbs":["impersonate"],"apiGroups":[""],"resources":["users","groups"]},{"verbs":["create"],"apiGroups":["authorization.k8s.io"],"resources":["selfsubjectaccessreviews"]}],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["/healthz"]}],"incomplete":false}}""";

    private readonly RawUpstream _upstream = new();
    private readonly Dictionary<string, string> _rulesIn = new(StringComparer.Ordinal);
    private string _rules = Nothing;

    public ImpersonationTests() => _upstream.Respond(request =>
        IsRules(request) ? RawAnswer.Json(201, _rulesIn.FirstOrDefault(pair => request.BodyText.Contains($"\"{pair.Key}\"", StringComparison.Ordinal)).Value ?? _rules)
        : ReviewAnswers.IsReview(request) ? ReviewAnswers.Answer(isAllowed: !request.BodyText.Contains("\"create\"", StringComparison.Ordinal))
        : RawAnswer.Json(200, "{}"));

    private RecordedRequest[] Sent => [.. _upstream.Forwarded().Where(static request => !IsRules(request))];

    [Fact]
    public async Task H61_T80_Every_value_has_a_line_of_its_own()
    {
        await using var gateway = await StartAsync();

        foreach (var protocol in new[] { WireProtocol.Http11, WireProtocol.Http2Tls })
        {
            var answer = await WireClient.ExchangeAsync(protocol, protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort, RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("jane-token"));
            answer.Status.Should().Be(200, answer.BodyText);
        }

        Sent.Should().HaveCount(2).And.AllSatisfy(static seen =>
        {
            seen.Headers("Authorization").Should().Equal("Bearer impersonator");
            seen.Headers("Impersonate-User").Should().Equal("jane");
            seen.Headers("Impersonate-Group").Should().Equal("a", "b", "c,d");
            seen.Headers("Impersonate-Extra-Scopes").Should().Equal("read", "write, all");
            seen.Headers("Impersonate-Extra-Example.com%2fteam").Should().Equal(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("Größe")));
        });
    }

    [Fact]
    public async Task T80_A_large_body_and_connections_that_are_used_again_change_nothing()
    {
        await using var gateway = await StartAsync();
        var body = new string('x', 100_000);
        // Header blocks around the sizes of the buffers that they are written through.
        foreach (var padding in Enumerable.Range(0, 40).SelectMany(static step => new[] { 3_700 + (step * 13), 7_800 + (step * 13) }))
        {
            var request = new RawRequest("POST", "/clusters/prod/api/v1/namespaces/n/configmaps").WithBearer("jane-token").With("X-Padding", new string('p', padding)).WithBody(body);
            (await gateway.SendBareAsync(request)).Status.Should().Be(200);
        }

        Sent.Should().HaveCount(80).And.AllSatisfy(seen =>
        {
            seen.Headers("Impersonate-Group").Should().Equal("a", "b", "c,d");
            seen.BodyText.Should().Be(body);
        });
        _upstream.ConnectionCount.Should().BeLessThan(20, "connections are kept");
    }

    [Theory]
    [InlineData("a\r\nImpersonate-Group: system:masters")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("")]
    [InlineData("a\uD800b")]
    [InlineData("a\u0085b")]
    public async Task T04_T81_What_no_header_can_carry_is_refused(string group)
    {
        await using var gateway = await StartAsync(new StaticToken("odd", Hash("odd-token"), [group]));

        var answer = await BothProtocols.SendAsync(gateway, RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("odd-token"));

        answer.Status.Should().Be(403);
        Sent.Should().BeEmpty();
    }

    [Theory]
    [InlineData("system:admin", "a")]
    [InlineData("System:admin", "a")]
    [InlineData("odd", "system:masters")]
    [InlineData("odd", "system:authenticated")]
    [InlineData("odd", "SYSTEM:masters")]
    public async Task T04_Reserved_names_are_refused_unless_they_are_mapped(string user, string group)
    {
        await using var gateway = await StartAsync(new StaticToken(user, Hash("odd-token"), [group]), static rules => rules with { Users = ["*"], Groups = ["*"] });

        var answer = await BothProtocols.SendAsync(gateway, RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("odd-token"));

        answer.Status.Should().BeOneOf(403, 404);
        Sent.Should().BeEmpty();
    }

    [Fact]
    public async Task A_group_that_is_mapped_is_another_in_the_cluster_and_one_that_is_not_listed_stays_behind()
    {
        await using var gateway = await StartAsync(
            new StaticToken("odd", Hash("odd-token"), ["platform", "hr", "a"]),
            static rules => rules with { Users = ["jane"], Groups = ["a"], UserMap = Map("odd", "oidc:odd"), GroupMap = Map("platform", "system:masters") });

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("odd-token"))).Status.Should().Be(200);

        var seen = Sent.Should().ContainSingle().Subject;
        seen.Headers("Impersonate-User").Should().Equal("oidc:odd");
        seen.Headers("Impersonate-Group").Should().Equal("system:masters", "a");
    }

    [Fact]
    public async Task T04_Ten_thousand_groups_are_refused()
    {
        await using var gateway = await StartAsync(new StaticToken("odd", Hash("odd-token"), [.. Enumerable.Range(0, 10_000).Select(static number => $"g{number}")]), static rules => rules with { Groups = ["*"] });

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("odd-token"))).Status.Should().Be(403);
        Sent.Should().BeEmpty();
    }

    [Theory]
    [InlineData("Impersonate-User")]
    [InlineData("impersonate-group")]
    [InlineData("Impersonate-Future")]
    [InlineData("Impersonate_User")]
    public async Task H61_T02_A_client_that_impersonates_by_itself_is_refused(string header)
    {
        await using var gateway = await StartAsync();

        var answer = await BothProtocols.SendAsync(gateway, RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("jane-token").With(header, "root"));

        answer.Status.Should().Be(403);
        Sent.Should().BeEmpty();
    }

    [Fact]
    public async Task T02_A_blank_before_the_colon_is_400()
    {
        await using var gateway = await StartAsync();

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("jane-token").With("Impersonate-User ", "root"))).Status.Should().Be(400);
        Sent.Should().BeEmpty();
    }

    [Fact]
    public async Task T01_No_client_can_nominate_the_headers_of_the_gateway()
    {
        await using var gateway = await StartAsync();

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("jane-token").With("Connection", "Impersonate-User, Impersonate-Group, Authorization"))).Status.Should().Be(200);

        var seen = Sent.Should().ContainSingle().Subject;
        seen.Headers("Impersonate-User").Should().Equal("jane");
        seen.Headers("Impersonate-Group").Should().Equal("a", "b", "c,d");
        seen.Headers("Authorization").Should().Equal("Bearer impersonator");
    }

    [Theory]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}""")]
    [InlineData("""{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}""")]
    [InlineData("""{"verbs":["impersonate","get"],"apiGroups":[""],"resources":["users"]}""")]
    [InlineData("""{"verbs":["create"],"apiGroups":[""],"resources":["pods"]}""")]
    public async Task An_account_that_may_do_more_than_impersonate_is_not_used(string rule)
    {
        _rules = Nothing.Replace("\"resourceRules\":[", $"\"resourceRules\":[{rule},", StringComparison.Ordinal);
        await using var gateway = await StartAsync();

        var answer = await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("jane-token"));

        answer.Status.Should().Be(502);
        gateway.Log.Lines.Should().Contain(static line => line.Contains("may do more than that", StringComparison.Ordinal));
        Sent.Should().BeEmpty();
    }

    [Fact]
    public async Task An_account_that_may_do_more_in_one_namespace_is_not_used_there()
    {
        await using var gateway = await StartAsync();
        _rulesIn["loose"] = Nothing.Replace("\"resourceRules\":[", "\"resourceRules\":[{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"secrets\"]},", StringComparison.Ordinal);

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/namespaces/loose/pods").WithBearer("jane-token"))).Status.Should().Be(502);
        Sent.Should().BeEmpty();
        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/namespaces/tight/pods").WithBearer("jane-token"))).Status.Should().Be(200);
        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("jane-token"))).Status.Should().Be(200);
        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/namespaces/tight/pods").WithBearer("jane-token"))).Status.Should().Be(200);

        _upstream.Requests.Where(IsRules).Select(static request => request.BodyText.Split("\"namespace\":\"")[1].Split('"')[0]).Should().Equal("loose", "tight", "default");
    }

    [Fact]
    public async Task T114_What_the_account_may_do_has_to_be_known()
    {
        _rules = "{}";
        await using var gateway = await StartAsync();

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/pods").WithBearer("jane-token"))).Status.Should().Be(502);
        Sent.Should().BeEmpty();
    }

    [Fact]
    public async Task B61_Whoever_is_not_impersonated_there_does_not_learn_that_the_cluster_exists()
    {
        await using var gateway = await StartAsync(new StaticToken("odd", Hash("odd-token"), ["a"]), static rules => rules with { Users = ["jane"] });

        foreach (var door in new[] { "/clusters/{0}/api/v1/pods", "/clusters/{0}/serviceproxy/default/web/" })
        {
            var known = await gateway.SendBareAsync(RawRequest.Get(string.Format(null, CompositeFormat.Parse(door), "prod")).WithBearer("odd-token"));
            var unknown = await gateway.SendBareAsync(RawRequest.Get(string.Format(null, CompositeFormat.Parse(door), "none")).WithBearer("odd-token"));
            known.Status.Should().Be(unknown.Status);
            known.BodyText.Replace("prod", "none", StringComparison.Ordinal).Should().Be(unknown.BodyText);
        }

        Sent.Should().BeEmpty();
    }

    [Fact]
    public async Task T24_A_shell_needs_create_for_whoever_is_impersonated_too()
    {
        await using var gateway = await StartAsync();

        var answer = await gateway.SendBareAsync(RawRequest.WebSocket("/clusters/prod/api/v1/namespaces/d/pods/x/exec?command=sh", "v5.channel.k8s.io").WithBearer("jane-token"));

        answer.Status.Should().Be(403);
        Sent.Should().BeEmpty();
        var asked = _upstream.Requests.Should().ContainSingle(static request => ReviewAnswers.IsReview(request)).Subject;
        asked.Headers("Impersonate-User").Should().Equal("jane");
        asked.Headers("Impersonate-Group").Should().Equal("a", "b", "c,d");
        asked.BodyText.Should().Contain("\"verb\":\"create\"").And.Contain("\"subresource\":\"exec\"");
    }

    [Fact]
    public async Task The_record_says_whom_the_cluster_saw()
    {
        using var folder = new TempFolder();
        var audit = folder.PathOf("audit.log");
        await using var gateway = await StartAsync(configure: options => options with { Audit = new AuditOptions { File = audit } });

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/namespaces/n/pods").WithBearer("jane-token"))).Status.Should().Be(200);

        await Eventually.BeTrueAsync(() => File.Exists(audit) && File.ReadAllText(audit).Contains('\n', StringComparison.Ordinal), "the record is written");
        using var record = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(audit));
        record.RootElement.GetProperty("user").GetProperty("username").GetString().Should().Be("jane");
        var seen = record.RootElement.GetProperty("impersonatedUser");
        seen.GetProperty("username").GetString().Should().Be("jane");
        seen.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().Equal("a", "b", "c,d");
        seen.GetProperty("extra").GetProperty("scopes").EnumerateArray().Select(static value => value.GetString()).Should().Equal("read", "write, all");
        record.RootElement.GetRawText().Should().NotContain("impersonator\"").And.NotContain("jane-token");
    }

    [Fact]
    public async Task A_rule_that_denies_holds_for_whoever_is_impersonated()
    {
        var deny = TestGateway.AllowAll with { Label = "no-secrets", Denies = true, Groups = ["b"], Resources = ["secrets"] };
        await using var gateway = await StartAsync(configure: options => options with { AccessRules = [deny] });

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/namespaces/n/pods").WithBearer("jane-token"))).Status.Should().Be(200);
        var answer = await gateway.SendBareAsync(RawRequest.Get("/clusters/prod/api/v1/namespaces/n/secrets").WithBearer("jane-token"));

        answer.Status.Should().Be(403);
        answer.BodyText.Should().Contain("no-secrets");
    }

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private static bool IsRules(RecordedRequest request) => request.Target.EndsWith("/selfsubjectrulesreviews", StringComparison.Ordinal);

    private static byte[] Hash(string token) => System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static Dictionary<string, string> Map(string from, string to) => new(StringComparer.Ordinal) { [from] = to };

    private Task<TestGateway> StartAsync(StaticToken? other = null, Func<ImpersonationDefinition, ImpersonationDefinition>? rules = null, Func<GatewayOptions, GatewayOptions>? configure = null)
    {
        var definition = new ImpersonationDefinition
        {
            Users = ["*"],
            Groups = ["*"],
            Extras = new Dictionary<string, string>(StringComparer.Ordinal) { ["scopes"] = "scope", ["example.com/team"] = "team" },
        };
        var credential = new CredentialDefinition.Impersonate(
            new CredentialDefinition.ServiceAccountToken(new Secret("impersonator")), null, rules?.Invoke(definition) ?? definition);
        var options = TestGateway.Options(TestCluster.Of("prod", _upstream.Url, credential));
        var jane = TestGateway.Caller("jane", "jane-token", "a", "b", "c,d") with
        {
            Claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["scope"] = ["read", "write, all"], ["team"] = ["Größe"] },
        };
        options = options with { AccessRules = [], Auth = new AuthOptions { Static = other is null ? [jane] : [jane, other] }, ServiceProxy = new ServiceProxyOptions() };
        return TestGateway.StartAsync(configure?.Invoke(options) ?? options);
    }
}
