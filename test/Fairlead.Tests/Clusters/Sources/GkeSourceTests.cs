using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Files;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.Tests.Clusters.Sources;

/// <summary>How Google is asked for the clusters of a project, and what becomes of its answer.</summary>
public sealed class GkeSourceTests : IAsyncDisposable
{
    private static readonly PemPair _pair = PemPair.Create();
    private readonly RawUpstream _google = new();

    private ClusterLocator.Gke Locator => new("gke", TimeSpan.FromMinutes(10), "my-project") { Endpoint = new Uri(_google.Url) };

    [Fact]
    public async Task The_whole_project_is_asked_for_with_a_token_and_the_answer_kept_small()
    {
        var result = await ReadAsync(Locator, One());

        _google.Requests.Should().ContainSingle().Which.RequestLine.Should().Be(
            "GET /v1/projects/my-project/locations/-/clusters?fields=clusters%28name%2Clocation%2Cendpoint%2CmasterAuth%2FclusterCaCertificate%2CresourceLabels%2CcontrolPlaneEndpointsConfig%2FdnsEndpointConfig%2Fendpoint%29%2CmissingZones HTTP/1.1");
        _google.Requests[0].Header("Authorization").Should().Be("Bearer google");
        result.Problems.Should().BeEmpty();
        result.Clusters.Should().Equal(new ClusterDefinition
        {
            Locator = "gke",
            Scope = "europe-west1",
            Name = "prod",
            Connection = new ClusterConnection { Server = new Uri("https://203.0.113.7"), CertificateAuthority = new PemSource.Inline(new Secret(_pair.Certificate)) },
            Credential = new CredentialDefinition.ClientSide("google", null),
        });
    }

    [Fact]
    public async Task Region_account_dashboard_and_skipped_checks_are_as_configured()
    {
        var key = new Secret("{}");

        var cluster = (await ReadAsync(Locator with { Region = "europe-west1", UsesServiceAccount = true, Key = key, ExposesDashboard = true, SkipTlsVerify = true }, One())).Clusters[0];

        _google.Requests[0].Target.Should().StartWith("/v1/projects/my-project/locations/europe-west1/clusters?");
        cluster.Credential.Should().Be(new CredentialDefinition.GoogleServiceAccount(key));
        cluster.DashboardUrl.Should().Be("https://console.cloud.google.com/kubernetes/clusters/details/europe-west1/prod/details?project=my-project");
        cluster.Connection.Should().Be(new ClusterConnection { Server = new Uri("https://203.0.113.7"), InsecureSkipTlsVerify = true });
    }

    [Fact]
    public async Task A_DNS_endpoint_has_a_public_certificate_and_without_one_the_address_is_used()
    {
        var both = await ReadAsync(Locator with { UsesDnsEndpoint = true }, $"[{Cluster("a", "\"controlPlaneEndpointsConfig\": { \"dnsEndpointConfig\": { \"endpoint\": \"gke-1.gke.goog\" } },")}, {Cluster("b")}]");

        both.Clusters.Select(static one => one.Connection).Should().Equal(
            new ClusterConnection { Server = new Uri("https://gke-1.gke.goog") },
            new ClusterConnection { Server = new Uri("https://203.0.113.7"), CertificateAuthority = new PemSource.Inline(new Secret(_pair.Certificate)) });
    }

    [Fact]
    public async Task All_labels_have_to_match()
    {
        var list = $"[{Cluster("a", "\"resourceLabels\": { \"env\": \"prod\", \"team\": \"x\" },")}, {Cluster("b", "\"resourceLabels\": { \"env\": \"prod\" },")}, {Cluster("c")}]";

        (await ReadAsync(Locator with { Labels = [new("env", "prod"), new("team", "x")] }, list)).Clusters.Select(static one => one.Name).Should().Equal("a");
    }

    [Fact]
    public async Task A_cluster_that_cannot_be_used_is_ignored_and_the_others_go_on()
    {
        var result = await ReadAsync(Locator, $$"""[7, {}, { "name": "new", "location": "l" }, { "name": "bare", "location": "l", "endpoint": "h" }, { "name": "odd", "location": "l", "endpoint": "u@h" }, {{Cluster("good")}}]""", """, "missingZones": ["z1"]""");

        result.Clusters.Select(static one => one.Name).Should().Equal("good");
        result.Problems.Should().HaveCount(6);
        result.Problems[0].Should().Contain("z1");
    }

    [Theory]
    [InlineData(403, "{}", "container.clusters.list")]
    [InlineData(404, "{}", "answers 404")]
    [InlineData(200, "[", "no list of clusters")]
    public async Task Google_that_refuses_is_a_problem_of_the_whole_source(int status, string body, string words)
    {
        _google.Respond(RawAnswer.Json(status, body));
        var reading = () => Remote.Reader.ReadAsync(Locator, CancellationToken.None);

        (await reading.Should().ThrowAsync<ClusterSourceException>()).Which.Message.Should().Contain(words);
    }

    public ValueTask DisposeAsync() => _google.DisposeAsync();

    private Task<ClusterSourceResult> ReadAsync(ClusterLocator.Gke locator, string clusters, string more = "")
    {
        _google.Respond(RawAnswer.Json(200, $$"""{ "clusters": {{clusters}}{{more}} }"""));
        return Remote.Reader.ReadAsync(locator, CancellationToken.None);
    }

    private static string One() => $"[{Cluster("prod")}]";

    private static string Cluster(string name, string more = "") => $$"""
        { "name": "{{name}}", "location": "europe-west1", "endpoint": "203.0.113.7", {{more}} "masterAuth": { "clusterCaCertificate": "{{_pair.CertificateData}}" }, "status": "RUNNING" }
        """;
}
