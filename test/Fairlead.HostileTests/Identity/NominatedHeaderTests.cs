using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Identity;

/// <summary><c>Connection</c> names headers of the gateway's: those stay, and the client's own go.</summary>
public sealed class NominatedHeaderTests
{
    // Everything that the gateway writes or reads, and headers of which something hangs.
    private static readonly string[] _names =
    [
        "Authorization", "Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Fairlead-Identity", "X-Forwarded-Access-Token",
        "Impersonate-User", "Impersonate-Group", "Impersonate-Uid", "Impersonate-Extra-Scopes", "Cookie", "Backstage-Kubernetes-Cluster", "Backstage-Kubernetes-Authorization",
        "Sec-Fetch-Site", "Origin", "Connection", "Transfer-Encoding", "Content-Type", "X-Mine", "", " ", "close, keep-alive",
    ];

    private const string Rules =
        """{"kind":"SelfSubjectRulesReview","apiVersion":"authorization.k8s.io/v1","spec":{},"status":{"resourceRules":[{"verbs":["impersonate"],"apiGroups":[""],"resources":["users","groups"]}],"nonResourceRules":[],"incomplete":false}}""";

    [Fact]
    public async Task T01_The_gateways_headers_arrive_whatever_Connection_names_and_the_clients_own_do_not()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            foreach (var nominated in Nominations())
            {
                var mark = world.Mark();

                var response = await world.SendAsync(way, nominated(RawRequest.Get("/api/v1/pods").With("X-Mine", HeaderBlocks.Mark)));

                response.Status.Should().Be(200, "{0}: {1}", way, response);
                var seen = world.SentSince(mark).Should().ContainSingle(way.ToString()).Subject;

                // Sec-Fetch-Site is the client's own, so it goes with the rest.
                HeaderBlocks.ShouldBe(seen, [.. HeaderBlocks.Expected(world, way).Where(static line => !line.StartsWith("Sec-Fetch-Site", StringComparison.Ordinal))], $"{way}: {Describe(nominated)}");
            }
        }
    }

    [Fact]
    public async Task T01_A_nominated_length_makes_no_second_request_of_a_body()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            var mark = world.Mark();
            const string Body = "GET /stolen HTTP/1.1\r\nHost: x\r\n\r\n";

            var response = await world.SendAsync(way, new RawRequest("POST", "/api/v1/namespaces/n/configmaps").With("Connection", "Content-Length, Content-Type").WithBody(Body));

            response.Status.Should().Be(200, "{0}: {1}", way, response);
            var seen = world.SentSince(mark).Should().ContainSingle(way.ToString()).Subject;
            seen.BodyText.Should().Be(Body, way.ToString());
            seen.HeaderLines.Count(static line => line.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) || line.Name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)).Should().Be(1, way.ToString());
        }
    }

    [Fact]
    public async Task T01_Whoever_is_impersonated_stays_who_they_are()
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(static request => request.Target.EndsWith("/selfsubjectrulesreviews", StringComparison.Ordinal) ? RawAnswer.Json(201, Rules) : RawAnswer.Json(200, "{}"));
        await using var world = await HostileWorld.StartAsync(options => options with
        {
            ClusterLocators =
            [
                .. options.ClusterLocators,
                new ClusterLocator.Config("more", [TestCluster.Of("named", upstream.Url, new CredentialDefinition.Impersonate(
                    new CredentialDefinition.ServiceAccountToken(new Secret("impersonator")), null, new ImpersonationDefinition { Users = ["*"], Groups = ["*"] }))]),
            ],
        });
        foreach (var way in HostileWays.Http11.Where(static way => way.Door is not DoorName.Service))
        {
            foreach (var nominated in Nominations())
            {
                var request = nominated(RawRequest.Get((way.Door is DoorName.Cluster ? "/clusters/named" : "/api/kubernetes/proxy") + "/api/v1/namespaces/n/pods").With("X-Mine", HeaderBlocks.Mark));
                var before = upstream.Requests.Count;

                var response = await world.ExchangeAsync(way, world.Identified(way.Login, way.Door is DoorName.Backstage ? request.With("Backstage-Kubernetes-Cluster", "named") : request));

                response.Status.Should().Be(200, "{0}: {1}", way, response);
                var seen = upstream.Requests.Skip(before).Should().ContainSingle(static one => one.Target == "/api/v1/namespaces/n/pods", way.ToString()).Subject;
                string[] who = way.Login is LoginName.Bearer ? ["Impersonate-User: portal-caller", "Impersonate-Group: portal"]
                    : [.. seen.HeaderLines.Where(static line => line.Name is "Impersonate-Uid").Select(static line => $"Impersonate-Uid: {line.Value}"), "Impersonate-User: jane", "Impersonate-Group: devs", "Impersonate-Group: ops"];
                HeaderBlocks.ShouldBe(seen, [.. who, "Authorization: Bearer impersonator", $"Host: 127.0.0.1:{upstream.Port}", "X-Forwarded-For: 127.0.0.1"], $"{way}: {Describe(nominated)}");
            }
        }
    }

    [Fact]
    public async Task T01_T02_A_client_that_impersonates_and_nominates_it_away_is_refused()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            foreach (var name in new[] { "Impersonate-User", "impersonate-group", "Impersonate-Future" })
            {
                var mark = world.Mark();

                var response = await world.SendAsync(way, RawRequest.Get("/api/v1/pods").With("Connection", name).With(name, HeaderBlocks.Mark));

                world.ShouldBeRefused(way, response, 403, mark, name);
                response.ToString().Should().NotContain(HeaderBlocks.Mark);
            }
        }
    }

    [Fact]
    public async Task T01_HTTP_2_knows_no_Connection_and_nothing_of_such_a_request_is_sent()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http2)
        {
            var mark = world.Mark();

            var response = await world.SendAsync(way, RawRequest.Get("/api/v1/pods").With("Connection", "Impersonate-User, Authorization"));

            response.Status.Should().BeOneOf([0, 400], "{0}: {1}", way, response);
            world.SentSince(mark).Should().BeEmpty(way.ToString());
        }
    }

    private static string Describe(Func<RawRequest, RawRequest> nominated) => string.Join(" | ", nominated(RawRequest.Get("/")).Headers.Select(static line => $"{line.Name}: {line.Value}"));

    /// <summary>All names on one line, each on a line of its own, and in other letters with blanks about them.</summary>
    private static IEnumerable<Func<RawRequest, RawRequest>> Nominations() =>
    [
        static request => request.With("Connection", string.Join(',', _names)),
        static request => _names.Aggregate(request, static (current, name) => current.With("Connection", name)),
        static request => request.With("connection", string.Join(" ,\t", _names.Select(static name => name.ToUpperInvariant()))),
        // The server itself knows these words, and must not forget the others over them.
        static request => request.With("Connection", "keep-alive, X-Mine, Sec-Fetch-Site"),
        static request => request.With("Connection", "X-Mine, close, Sec-Fetch-Site"),
        static request => request.With("Connection", "X-Mine,Sec-Fetch-Site,Keep-Alive,"),
        static request => request.With("Connection", "Upgrade, X-Mine, Sec-Fetch-Site"),
        static request => request.With("Connection", "close").With("Connection", "X-Mine, Sec-Fetch-Site"),
        static request => request.With("Connection", "X-Mine").With("Connection", "keep-alive").With("Connection", "Sec-Fetch-Site"),
    ];
}
