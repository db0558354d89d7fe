using System.Net;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Access;

/// <summary>Who may not know of a cluster, a namespace or a Service gets the same answer, byte for byte, as for one that does not exist (contract F13, F44).</summary>
public sealed class NoOracleTests : IAsyncLifetime
{
    // Names of the same length, so that nothing differs but the name.
    private const string Missing = "absent";

    private readonly RawUpstream _upstream = new();
    private TestGateway _gateway = null!;

    /// <summary>Clusters that exist, and nobody here may know of.</summary>
    public static string[] Hidden => ["unruly", "denied", "others", "double"];

    public static MatrixTheoryData<string, string, WireProtocol> Proxied { get; } = new(Hidden, ["", "nobody-token"], WireClient.Protocols);

    public async ValueTask InitializeAsync()
    {
        _upstream.Respond(request =>
            ReviewAnswers.IsReview(request) ? ReviewAnswers.Answer(isAllowed: false)
            : request.Target.Contains("/services/web", StringComparison.Ordinal) ? RawAnswer.Json(200, """{"metadata":{"name":"web","namespace":"team"},"spec":{"ports":[{"port":80}],"clusterIP":"10.0.0.1"}}""")
            : RawAnswer.Json(404, """{"kind":"Status","code":404}"""));
        var impersonated = TestCluster.Held("others", _upstream.Url) with
        {
            Credential = new CredentialDefinition.Impersonate(new CredentialDefinition.None("x"), null, new ImpersonationDefinition { Users = ["somebody-else"] }),
        };
        var options = TestGateway.Options(
            TestCluster.Held("kind", _upstream.Url), TestCluster.Held("unruly", _upstream.Url), TestCluster.Held("denied", _upstream.Url), impersonated, TestCluster.Held("double", _upstream.Url));
        _gateway = await TestGateway.StartAsync(options with
        {
            ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("second", [TestCluster.Held("double", _upstream.Url) with { Locator = "second" }])],
            Auth = options.Auth! with { Static = [.. options.Auth.Static, TestGateway.Caller("nobody", "nobody-token", "nobodies")] },
            AccessRules =
            [
                TestGateway.AllowAll with { Clusters = ["kind", "denied"], Namespaces = ["team"], Resources = ["pods"], Services = ["team/allowed"] },
                TestGateway.AllowAll with { Clusters = ["denied"], Denies = true },
            ],
            ServiceProxy = new ServiceProxyOptions
            {
                Enabled = true, DefaultCluster = "kind", AllowedAddresses = [IPNetwork.Parse("127.0.0.0/8")],
                Services = [new ServiceOptions { Cluster = "unruly", Namespace = "team", Name = "web", Host = "web.apps.example.com" }],
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Proxied))]
    public async Task B60_B61_A_cluster_that_is_not_theirs_to_know_answers_as_one_that_does_not_exist(string cluster, string token, WireProtocol protocol)
    {
        foreach (var request in Requests)
        {
            var hidden = await SendAsync(request(cluster), token, protocol);
            var missing = await SendAsync(request(Missing), token, protocol);

            hidden.Should().Be(missing.Replace(Missing, cluster, StringComparison.Ordinal), request(cluster).ToString().Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
            missing.Should().NotStartWith("200").And.NotStartWith("101");
        }

        _upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task B61_The_list_of_clusters_has_none_of_them()
    {
        var list = await _gateway.SendAsync(RawRequest.Get("/api/kubernetes/clusters"));

        list.Status.Should().Be(200);
        list.BodyText.Should().Contain("kind").And.NotContainAny(Hidden);
    }

    [Fact]
    public async Task A_token_of_Headlamps_front_end_is_kept_for_any_name()
    {
        foreach (var cluster in Hidden)
        {
            var hidden = await SetAsync(cluster);
            var missing = await SetAsync(Missing);
            hidden.Should().Be(missing.Replace(Missing, cluster, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("web.apps.example.com")]
    [InlineData("not.apps.example.com")]
    public async Task A_host_name_of_a_Service_that_is_not_theirs_is_none(string host)
    {
        var answer = await _gateway.SendAsync(new RawRequest("POST", "/auth/handover").With("Content-Type", "application/json").WithBody($$"""{"host":"{{host}}","path":"/"}"""));

        answer.Status.Should().Be(404, answer.BodyText);
        answer.BodyText.Should().Contain("No Service that you may use has that host name");
    }

    [Theory]
    [InlineData("/clusters/kind/api/v1/namespaces/{0}/pods", "team-b", "absent")]
    [InlineData("/clusters/kind/api/v1/namespaces/team/{0}", "secrets", "nothing")]
    [InlineData("/serviceproxy/team/{0}/x", "web", "nix")]
    [InlineData("/serviceproxy/{0}/web/x", "prod", "none")]
    [InlineData("/clusters/kind/serviceproxy/team/{0}/x", "web", "nix")]
    public async Task What_no_rule_allows_is_refused_before_anybody_looks_for_it(string target, string existing, string missing)
    {
        foreach (var protocol in WireClient.Protocols)
        {
            var one = await SendAsync(RawRequest.Get(string.Format(System.Globalization.CultureInfo.InvariantCulture, target, existing)), "", protocol);
            var other = await SendAsync(RawRequest.Get(string.Format(System.Globalization.CultureInfo.InvariantCulture, target, missing)), "", protocol);

            WithoutLength(one).Should().Be(WithoutLength(other.Replace(missing, existing, StringComparison.Ordinal))).And.StartWith("403");
        }

        _upstream.Requests.Should().BeEmpty("nothing is looked up for somebody who may not");
    }

    [Theory]
    [InlineData("/clusters/kind/serviceproxy/team/{0}/x", "web", "nix")]
    [InlineData("/clusters/kind/serviceproxy/{0}/web/x", "team", "none")]
    public async Task F44_A_Service_that_the_cluster_does_not_give_to_the_token_answers_as_one_that_does_not_exist(string target, string existing, string missing)
    {
        var one = await SendAsync(RawRequest.Get(string.Format(System.Globalization.CultureInfo.InvariantCulture, target, existing)), "own-token", WireProtocol.Http11);
        var other = await SendAsync(RawRequest.Get(string.Format(System.Globalization.CultureInfo.InvariantCulture, target, missing)), "own-token", WireProtocol.Http11);

        WithoutLength(one).Should().Be(WithoutLength(other.Replace(missing, existing, StringComparison.Ordinal))).And.StartWith("403");
        _upstream.Requests.Should().AllSatisfy(static request => ReviewAnswers.IsReview(request).Should().BeTrue("only the right is asked for"));
    }

    private static IEnumerable<Func<string, RawRequest>> Requests =>
    [
        static cluster => RawRequest.Get("/api/kubernetes/proxy/api/v1/namespaces/team/pods").With("Backstage-Kubernetes-Cluster", cluster),
        static cluster => new RawRequest("POST", "/api/kubernetes/proxy/api/v1/namespaces/team/pods").With("Backstage-Kubernetes-Cluster", cluster).WithBody("{}"),
        static cluster => RawRequest.WebSocket("/api/kubernetes/proxy/api/v1/namespaces/team/pods/x/exec?command=sh", "v5.channel.k8s.io").With("Backstage-Kubernetes-Cluster", cluster),
        static cluster => RawRequest.Get($"/clusters/{cluster}/api/v1/namespaces/team/pods"),
        static cluster => RawRequest.Get($"/clusters/{cluster}/version"),
        static cluster => RawRequest.WebSocket($"/clusters/{cluster}/api/v1/namespaces/team/pods/x/exec?command=sh", "v5.channel.k8s.io"),
        static cluster => RawRequest.Get($"/clusters/{cluster}/serviceproxy/team/web/x"),
        static cluster => RawRequest.Get($"/clusters/{cluster}/me"),
        static cluster => new RawRequest("POST", "/auth/ticket").With("Content-Type", "application/json").WithBody($$"""{"cluster":"{{cluster}}","path":"/api/v1/pods"}"""),
    ];

    private static string WithoutLength(string answer) => string.Join('\n', answer.Split('\n').Where(static line => !line.StartsWith("content-length", StringComparison.OrdinalIgnoreCase)));

    private static string Print(RawResponse response) =>
        $"{response.Status}\n{string.Join('\n', response.HeaderLines.ToString().Split('\n').Where(static line => !line.StartsWith("date:", StringComparison.OrdinalIgnoreCase)))}\n\n{response.BodyText}";

    private async Task<string> SetAsync(string cluster) => Print(await _gateway.SendBareAsync(
        new RawRequest("POST", $"/clusters/{cluster}/set-token").With("Content-Type", "application/json").With("Sec-Fetch-Site", "same-origin").WithBody("""{"token":null}""")));

    private async Task<string> SendAsync(RawRequest request, string token, WireProtocol protocol)
    {
        await using var client = await WireClient.ConnectAsync(protocol, protocol is WireProtocol.Http11 ? _gateway.Port : _gateway.TlsPort);
        request = request.WithBearer(token.Length == 0 ? TestGateway.Token : token);
        var response = request.Headers.All(static header => !header.Name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase)) ? await client.SendAsync(request) : await client.UpgradeAsync(request);
        return Print(await response.ReadToEndAsync());
    }
}
