using System.Net;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.Sources;

/// <summary>Clusters of a portal's catalog, through a whole gateway (contract S15, S39, F49, F51).</summary>
public sealed class CatalogSourceTests : IAsyncDisposable
{
    private const string Path = "/api/v1/namespaces";

    private readonly CatalogPortal _portal = new();
    private readonly RawUpstream _cluster = new();

    [Fact]
    public async Task B100_Proxied_requests_ask_neither_the_catalog_nor_DNS()
    {
        var resolved = 0;
        _portal.Holds(CatalogPortal.Entity("prod", _cluster.Url), CatalogPortal.Entity("named", "https://api.cluster.example"));
        await using var gateway = await TestGateway.StartAsync(
            Options(_portal.Locator with { Refresh = TimeSpan.FromHours(1) }),
            resolve: (_, _) =>
            {
                Interlocked.Increment(ref resolved);
                return Task.FromResult(new[] { IPAddress.Parse("93.184.215.14") });
            });
        await KnownAsync(gateway, "prod");

        for (var i = 0; i < 100; i++)
        {
            (await GetAsync(gateway, "prod")).Status.Should().Be(200);
        }

        var asked = _portal.Requests.Should().ContainSingle().Subject;
        asked.RequestLine.Should().Be(
            "GET /api/catalog/entities/by-query?fields=metadata.name%2Cmetadata.namespace%2Cmetadata.title%2Cmetadata.annotations&limit=500"
            + "&filter=kind%3DResource%2Cspec.type%3Dkubernetes-cluster%2Cmetadata.annotations.kubernetes.io%2Fapi-server"
            + "%2Cmetadata.annotations.kubernetes.io%2Fapi-server-certificate-authority%2Cmetadata.annotations.kubernetes.io%2Fauth-provider HTTP/1.1");
        asked.Header("Authorization").Should().Be("Bearer catalog-token");
        resolved.Should().Be(1);
    }

    [Fact]
    public async Task B101_A_catalog_that_does_not_answer_delays_neither_the_start_nor_others()
    {
        await using var silent = RawUpstream.NeverAnswering();
        await using var gateway = await TestGateway.StartAsync(
            Options(_portal.Locator with { Name = "hanging", Url = new Uri(silent.Url) }, new ClusterLocator.Config("config", [TestCluster.Held("kind", _cluster.Url)])));

        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(200);
        await silent.WaitForRequestAsync();
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(200);
    }

    [Fact]
    public async Task B101_A_portal_that_goes_away_takes_no_cluster_along_and_is_asked_again()
    {
        await using var second = new RawUpstream();
        _portal.Holds(CatalogPortal.Entity("prod", _cluster.Url));
        await using var gateway = await TestGateway.StartAsync(Options(_portal.Locator, new ClusterLocator.Config("config", [TestCluster.Held("kind", _cluster.Url)])));
        await KnownAsync(gateway, "prod");

        _portal.IsAway = true;
        await Eventually.BeTrueAsync(() => gateway.Log.Count(212) > 0, "the portal's absence is noticed");
        (await GetAsync(gateway, "prod")).Status.Should().Be(200);
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(200);
        (await VerboseAsync(gateway)).Should().Contain("[+]source config ok (1 cluster)\n").And.Contain("[-]source catalog failed: cannot be asked at ").And.Contain("(1 cluster as before)");

        _portal.Holds(CatalogPortal.Entity("prod", _cluster.Url), CatalogPortal.Entity("new", second.Url));
        _portal.IsAway = false;
        await KnownAsync(gateway, "new");
        await Eventually.BeTrueAsync(() => gateway.Log.Count(213) == 1, "the answer is logged, after it is in force");
        gateway.Log.Lines.Should().NotContain(static line => line.Contains("catalog-token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task B102_Entities_that_break_a_rule_are_ignored_with_a_warning_and_the_rest_served()
    {
        string[] refused = ["http://api.example", "https://127.0.0.1:1", "https://10.0.0.1", "https://169.254.169.254", "https://user:geheim@api.example", "https://internal.example"];
        _portal.Holds([.. refused.Select((url, i) => CatalogPortal.Entity($"bad-{i}", url)), CatalogPortal.Entity("bad-account", "https://api.example", "serviceAccount"), CatalogPortal.Entity("good", "https://api.example")]);
        await using var gateway = await TestGateway.StartAsync(
            Options(_portal.Locator with { AllowedHosts = [] }),
            resolve: static (host, _) => Task.FromResult(new[] { IPAddress.Parse(host is "api.example" ? "93.184.215.14" : "192.168.1.1") }));
        await KnownAsync(gateway, "good");

        (await ClustersAsync(gateway)).Should().Equal("good");
        foreach (var name in Enumerable.Range(0, refused.Length).Select(static i => $"bad-{i}").Append("bad-account"))
        {
            gateway.Log.AtLeast(Microsoft.Extensions.Logging.LogLevel.Warning).Should().ContainSingle(line => line.Contains($"entity resource:default/{name} is ignored", StringComparison.Ordinal));
        }

        gateway.Log.Lines.Should().NotContain(static line => line.Contains("geheim", StringComparison.Ordinal));
        (await VerboseAsync(gateway)).Should().Contain("[+]source catalog ok (1 cluster, 7 problems)");
    }

    [Fact]
    public async Task F51_A_name_that_leads_elsewhere_when_it_is_dialled_is_refused_and_nothing_is_sent_there()
    {
        var asked = 0;
        _portal.Holds(CatalogPortal.Entity("prod", $"https://api.cluster.example:{_cluster.Port}"));
        await using var gateway = await TestGateway.StartAsync(
            Options(_portal.Locator with { Refresh = TimeSpan.FromHours(1) }),
            resolve: (_, _) => Task.FromResult(new[] { IPAddress.Parse(Interlocked.Increment(ref asked) == 1 ? "93.184.215.14" : "127.0.0.1") }));
        await KnownAsync(gateway, "prod");

        EitherDoor.Backstage.ShouldBeBadGateway(await GetAsync(gateway, "prod"), "not public; an operator can list its host in dangerouslyAllowClusterUrls", _cluster.Port, "api.cluster.example");

        asked.Should().BeGreaterThan(1);
        _cluster.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task T112_An_entity_that_is_removed_takes_its_cluster_and_its_streams_along_and_no_others()
    {
        var more = new Gate();
        _cluster.OnConnection(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (!request.Target.Contains("watch=1", StringComparison.Ordinal))
                {
                    await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
                    continue;
                }

                await connection.WriteAsync(RawAnswer.ChunkedHead(200) + "6\r\nfirst\n\r\n");
                if (await Task.WhenAny(more.WaitAsync(), connection.PeerClosed) != connection.PeerClosed)
                {
                    await connection.WriteAsync("5\r\nmore\n\r\n");
                    await connection.PeerClosed;
                }

                return;
            }
        });
        _portal.Holds(CatalogPortal.Entity("gone", _cluster.Url), CatalogPortal.Entity("stays", _cluster.Url));
        var options = Options(_portal.Locator);
        await using var gateway = await TestGateway.StartAsync(options with { Timeouts = options.Timeouts with { Revocation = TimeSpan.FromMilliseconds(600) } });
        await KnownAsync(gateway, "gone");
        await using var one = await RawClient.ConnectAsync(gateway.Port);
        await using var two = await RawClient.ConnectAsync(gateway.Port);
        var gone = await one.SendAsync(Request("gone", "/api/v1/pods?watch=1"));
        var stays = await two.SendAsync(Request("stays", "/api/v1/pods?watch=1"));
        (await gone.ReadLineAsync()).Should().Be("first");
        (await stays.ReadLineAsync()).Should().Be("first");

        _portal.Holds(CatalogPortal.Entity("stays", _cluster.Url));

        await gone.ReadToEndAsync();
        gone.End.Should().BeOneOf(ResponseEnd.Reset, ResponseEnd.Truncated);
        (await GetAsync(gateway, "gone")).Status.Should().Be(404);
        stays.End.Should().BeNull();
        more.Open();
        (await stays.ReadLineAsync()).Should().Be("more");
    }

    [Fact]
    public async Task B31_F10_Entities_are_found_by_all_their_names_and_aliases_replace_them()
    {
        _portal.Holds(CatalogPortal.Entity("prod", _cluster.Url), CatalogPortal.Entity("old", _cluster.Url));
        await using var gateway = await TestGateway.StartAsync(Options(_portal.Locator with { Prefix = "eu-", Aliases = [new("default/old", "new")] }));
        await KnownAsync(gateway, "eu-prod");

        foreach (var name in new[] { "eu-prod", "catalog/eu-prod", "catalog/default/eu-prod", "catalog--default--eu-prod", "new", "catalog/default/new" })
        {
            (await GetAsync(gateway, name)).Status.Should().Be(200, name);
        }

        foreach (var name in new[] { "prod", "old", "catalog/default/old", "eu-old" })
        {
            (await GetAsync(gateway, name)).Status.Should().Be(404, name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    private static GatewayOptions Options(params ClusterLocator[] locators) => TestGateway.Options() with { ClusterLocators = locators };

    private static RawRequest Request(string cluster, string path) =>
        EitherDoor.Backstage.Get(path, cluster).With("Backstage-Kubernetes-Authorization-google", "own");

    private static Task<RawResponse> GetAsync(TestGateway gateway, string cluster) => gateway.SendBareAsync(Request(cluster, Path));

    private static Task KnownAsync(TestGateway gateway, string name) =>
        Eventually.BeTrueAsync(async () => (await ClustersAsync(gateway)).Contains(name, StringComparer.Ordinal), $"cluster {name} to be there");

    private static async Task<string[]> ClustersAsync(TestGateway gateway)
    {
        var response = await gateway.SendAsync(RawRequest.Get("/api/kubernetes/clusters"));
        using var json = response.Json;
        return json.RootElement.TryGetProperty("items", out var items) ? [.. items.EnumerateArray().Select(static one => one.GetProperty("name").GetString()!)] : [];
    }

    private static async Task<string> VerboseAsync(TestGateway gateway)
    {
        var response = await RawClient.ExchangeAsync(gateway.ManagementPort, RawRequest.Get("/readyz?verbose"));
        response.Status.Should().Be(200);
        return response.BodyText;
    }
}
