using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Identity;

/// <summary>Names in a request lead to what has exactly that name and what the caller may reach, or nowhere.</summary>
public sealed class OtherPeoplesTests
{
    private const string Pods = "/api/v1/namespaces/team-a/pods";

    [Fact]
    public async Task T45_A_cluster_is_found_by_its_exact_name_only()
    {
        await using var neighbour = new RawUpstream();
        await using var world = await HostileWorld.StartAsync(options => options with
        {
            ClusterLocators =
            [
                .. options.ClusterLocators,
                new ClusterLocator.Config("more", [TestCluster.Held("kindx", neighbour.Url) with { Locator = "more" }, TestCluster.Held("twice", neighbour.Url) with { Locator = "more" }]),
                new ClusterLocator.Config("again", [TestCluster.Held("twice", neighbour.Url) with { Locator = "again" }]),
            ],
        });
        string[] spellings =
        [
            "kin", "k", "kindl", "kindxx", "KIND", "Kind", "kinD", "kind.", ".kind", "kind-", "kind_", "kind:", "kind@main", "kind,main", "kind;x", "kind|main", "*", "k*", "config", "config--", "--kind",
            "more--kind", "CONFIG--kind", "config--KIND", "config--kindx", "config---kind", "config-kind", "config:kind", "local", "localx", "default", "%256bind", "kind%20", "kind%2Fmain", "kind%252F", "xn--kind",
        ];
        foreach (var way in HostileWays.All)
        {
            foreach (var spelling in spellings)
            {
                // Percent is text in a header, and an encoding in a path, where it is refused in a name.
                var expected = way.Door is not DoorName.Backstage && spelling.Contains('%', StringComparison.Ordinal) ? new[] { 400, 404 } : [404];
                await ShouldFindAsync(way, spelling, expected);
            }

            await ShouldFindAsync(way, "twice", 409);
        }

        neighbour.ConnectionCount.Should().Be(0);
        // One encoding is another way to write the same letters; the record has the cluster that it led to.
        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Cluster))
        {
            var mark = world.Mark();
            (await world.ExchangeAsync(way, world.Identified(way.Login, To(way, "%6bind")))).Status.Should().Be(200, way.ToString());
            world.SentSince(mark).Should().ContainSingle(way.ToString()).Which.Target.Should().Be(Pods);
        }

        (await world.AuditAsync(static record => record.GetProperty("requestURI").GetString()!.StartsWith("/clusters/%6bind", StringComparison.Ordinal), "the encoded name"))
            .GetProperty("annotations").GetProperty("fairlead.dev/cluster").GetString().Should().Be("config/kind");

        // The exact names are there, so that none of this is for want of a cluster.
        foreach (var way in HostileWays.All.Where(static way => way.Door is not DoorName.Service))
        {
            foreach (var name in new[] { "kindx", "more--kindx", "again--twice" })
            {
                (await world.ExchangeAsync(way, world.Identified(way.Login, To(way, name)))).Status.Should().Be(200, "{0}, {1}", way, name);
            }
        }

        async Task ShouldFindAsync(HostileWay way, string spelling, params int[] statuses)
        {
            var mark = world.Mark();

            var response = await world.ExchangeAsync(way, world.Identified(way.Login, To(way, spelling)));

            response.Status.Should().BeOneOf(statuses, "{0}, {1}: {2}", way, spelling, response);
            world.ShouldBeRefused(way, response, response.Status, mark, spelling);
        }
    }

    [Fact]
    public async Task T45_A_token_does_not_turn_a_name_that_almost_fits_into_one_that_does()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var protocol in WireClient.Protocols)
        {
            foreach (var spelling in new[] { "KIND", "kin", "kindx", "config--kindx" })
            {
                var way = new HostileWay(DoorName.Cluster, protocol, LoginName.Bearer);
                var mark = world.Mark();

                var response = await world.ExchangeAsync(way, To(way, spelling).WithBearer("own"));

                world.ShouldBeRefused(way, response, 404, mark, spelling);
            }
        }
    }

    [Fact]
    public async Task T47_A_cluster_of_somebody_elses_is_not_there_however_it_is_named()
    {
        await using var theirs = new RawUpstream();
        await using var world = await StartAsync(theirs);
        foreach (var way in HostileWays.All)
        {
            var own = world.Request(way, RawRequest.Get(Pods));
            var unknown = await world.ExchangeAsync(way, world.Identified(way.Login, To(way, "zzz")));
            foreach (var request in new[] { world.Identified(way.Login, To(way, "theirs")), world.Identified(way.Login, To(way, "config--theirs")) })
            {
                var mark = world.Mark();

                var response = await world.ExchangeAsync(way, request);

                world.ShouldBeRefused(way, response, 404, mark);
                response.BodyText.Replace("config--theirs", "zzz", StringComparison.Ordinal).Replace("theirs", "zzz", StringComparison.Ordinal).Should().Be(unknown.BodyText, way.ToString());
            }

            // Beside a cluster that is the caller's: what is not the door's way to name one names none.
            foreach (var (name, value) in new[]
            {
                ("X-Kubernetes-Cluster", "theirs"), ("KUBECONFIG", Convert.ToBase64String("apiVersion: v1"u8)), ("X-HEADLAMP-USER-ID", "theirs"), ("Backstage-Kubernetes-Clusters", "theirs"),
                ("Impersonate_Cluster", "theirs"), ("X-Fairlead-Cluster", "theirs"), ("Fairlead-Transport", "theirs"),
            })
            {
                var mark = world.Mark();

                var response = await world.ExchangeAsync(way, own.With(name, value));

                response.Status.Should().BeOneOf([200, 400, 403], "{0}, {1}", way, name);
                world.SentSince(mark).Should().HaveCount(response.Status == 200 ? 1 : 0, "{0}, {1}", way, name);
            }

            if (way.Door is not DoorName.Backstage)
            {
                await world.ExchangeAsync(way, own.With("Backstage-Kubernetes-Cluster", "theirs"));
            }

            foreach (var query in new[] { "cluster=theirs", "kubeconfig=theirs", "context=theirs", "server=http://127.0.0.1:1" })
            {
                await world.SendAsync(way, RawRequest.Get(Pods + "?" + query));
            }
        }

        theirs.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task T47_A_Secret_or_an_account_of_somebody_elses_is_not_asked_for()
    {
        await using var theirs = new RawUpstream();
        await using var world = await StartAsync(theirs);
        (string Method, string Path)[] requests =
        [
            ("GET", "/api/v1/namespaces/team-b/secrets/cloud"), ("GET", "/api/v1/namespaces/team-b/secrets"), ("GET", "/api/v1/secrets"), ("GET", "/api/v1/secrets?fieldSelector=metadata.namespace=team-a"),
            ("GET", "/api/v1/watch/namespaces/team-b/secrets/cloud"), ("GET", "/api/v1/watch/secrets"), ("POST", "/api/v1/namespaces/team-b/serviceaccounts/deployer/token"), ("GET", "/api/v1/namespaces/team-A/secrets/cloud"),
            ("GET", "/api/v1/namespaces/team-a/secrets/cloud"), ("GET", "/api/v1/namespaces/team-a/pods/x/proxy/secrets"), ("POST", "/api/v1/namespaces/team-a/serviceaccounts/default/token"), ("PUT", "/api/v1/namespaces/team-b/finalize"),
            ("POST", "/apis/authentication.k8s.io/v1/tokenreviews"), ("POST", "/apis/certificates.k8s.io/v1/certificatesigningrequests"), ("GET", "/api/v1/namespaces/team-a%2Fpods/../team-b/secrets"),
        ];
        foreach (var way in HostileWays.All.Where(static way => way.Door is not DoorName.Service))
        {
            foreach (var (method, path) in requests)
            {
                var mark = world.Mark();
                var request = new RawRequest(method, path);

                var response = await world.SendAsync(way, method is "GET" ? request : request.WithBody("{}"));

                response.Status.Should().BeOneOf(path.Contains("..", StringComparison.Ordinal) ? [400] : [403], "{0}, {1} {2}", way, method, path);
                world.ShouldBeRefused(way, response, response.Status, mark, path);
            }
        }

        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Service))
        {
            foreach (var (@namespace, service) in new[] { ("team-b", "web"), ("default", "theirs"), ("kube-system", "web") })
            {
                var mark = world.Mark();

                var response = await world.ExchangeAsync(way, world.Identified(way.Login, RawRequest.Get($"/clusters/main/serviceproxy/{@namespace}/{service}/x")));

                response.Status.Should().BeOneOf([403, 404], "{0}, {1}: {2}", way, service, response);
                world.ShouldBeRefused(way, response, response.Status, mark, service);
            }
        }

        theirs.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task T47_A_credential_of_somebody_elses_travels_to_no_cluster()
    {
        await using var theirs = new RawUpstream();
        await using var world = await StartAsync(theirs);
        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Backstage))
        {
            foreach (var value in new[] { "Bearer " + TestGateway.Token, TestGateway.Token, "bearer  " + TestGateway.Token, "Bearer other-portal-token", "Basic " + TestGateway.Token })
            {
                var mark = world.Mark();

                var response = await world.SendAsync(way, RawRequest.Get(Pods).With("Backstage-Kubernetes-Authorization", value));

                world.ShouldBeRefused(way, response, 400, mark, value);
            }
        }

        foreach (var way in HostileWays.All)
        {
            // Headlamp's cookie holds a token for one cluster, and a browser sends what others have planted.
            var mark = world.Mark();
            var request = world.Request(way, RawRequest.Get(Pods)).With("Cookie", $"headlamp-auth-theirs.0={TestGateway.Token}; headlamp-auth-kind.0=other-portal-token").With("Backstage-Kubernetes-Authorization-google", "theirs").With("Sec-Fetch-Site", "same-origin");
            request = request with { Headers = [.. request.Headers.DistinctBy(static line => line.Name is "Sec-Fetch-Site" ? "" : line.Name + line.Value)] };

            var response = await world.ExchangeAsync(way, request);

            response.Status.Should().BeOneOf([200, 400, 401], "{0}: {1}", way, response);
            foreach (var seen in world.SentSince(mark))
            {
                HeaderBlocks.ShouldBe(seen, way.Login is LoginName.Session ? HeaderBlocks.Expected(world, way) : [.. HeaderBlocks.Expected(world, way), "Sec-Fetch-Site: same-origin"], way.ToString());
            }
        }

        theirs.ConnectionCount.Should().Be(0);
    }

    /// <summary>The callers may do some things with <c>kind</c> and <c>main</c>; the cluster <c>theirs</c> is somebody else's.</summary>
    private static Task<HostileWorld> StartAsync(RawUpstream theirs)
    {
        var rule = new AccessRule { Groups = ["portal"], Clusters = ["kind", "main"], Namespaces = ["team-a"], Resources = ["pods", "configmaps"], Verbs = ["*"] };
        var services = rule with { Clusters = ["main"], Namespaces = ["default"], Resources = [], Services = ["default/web"] };
        return HostileWorld.StartAsync(options => options with
        {
            ClusterLocators = [.. options.ClusterLocators.Select(locator => locator is ClusterLocator.Config config ? config with { Clusters = [.. config.Clusters, TestCluster.Held("theirs", theirs.Url)] } : locator)],
            Auth = options.Auth! with { Static = [.. options.Auth.Static, TestGateway.Caller("other", "other-portal-token", "others")] },
            AccessRules =
            [
                rule, rule with { Groups = ["devs"] }, services, services with { Groups = ["devs"] },
                TestGateway.AllowAll with { Groups = ["others"], Clusters = ["theirs"] },
            ],
        });
    }

    private static RawRequest To(HostileWay way, string cluster) => way.Door switch
    {
        DoorName.Cluster => RawRequest.Get($"/clusters/{cluster}{Pods}"),
        DoorName.Backstage => RawRequest.Get("/api/kubernetes/proxy" + Pods).With("Backstage-Kubernetes-Cluster", cluster),
        _ => RawRequest.Get($"/clusters/{cluster}/serviceproxy/default/web{Pods}"),
    };
}
