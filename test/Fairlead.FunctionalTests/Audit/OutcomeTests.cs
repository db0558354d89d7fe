using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Audit;

/// <summary>Whatever becomes of a request, it leaves one record that says so.</summary>
public sealed class OutcomeTests
{
    private const string Pods = "/api/v1/namespaces/team/pods/";

    public static MatrixTheoryData<EitherDoor, WireProtocol> Ways { get; } = new(Enum.GetValues<EitherDoor>(), WireClient.Protocols);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B103_F52_Every_outcome_leaves_one_record_with_the_cluster_and_who_decided(EitherDoor door, WireProtocol protocol)
    {
        await using var world = await AuditWorld.StartAsync();
        world.Upstream.Respond(static request => RawAnswer.Json(
            request.Target.Contains("upstream-401", StringComparison.Ordinal) ? 401 : request.Target.Contains("upstream-403", StringComparison.Ordinal) ? 403 : 200, "{}"));
        Expected[] all =
        [
            new("success", 200, "Complete", "allow", "rule everything", "config/kind"),
            new("nobody", 401, "Refused/MissingCredentials", "deny", "caller", null) { Token = null },
            new("stranger", 401, "Refused/IllegalToken", "deny", "caller", null) { Token = "no-token-of-ours", IsBackstageOnly = true },
            new("not-granted", 403, "Refused/NotAllowed", "deny", "no rule", "config/kind") { Token = AuditWorld.ViewerToken, Method = "DELETE" },
            new("denied", 403, "Refused/NotAllowed", "deny", "rule no-secrets", "config/kind") { Collection = "/api/v1/namespaces/team/secrets/" },
            new("missing", 404, "Refused/ClusterNotFound", "deny", "cluster", null) { Cluster = "zzz" },
            new("ambiguous", 409, "Refused/ClusterAmbiguous", "deny", "cluster", null) { Cluster = "twin" },
            new("bad-target", 400, "Refused/InvalidTarget", "deny", "target", null) { Collection = "/api/v1/namespaces//" },
            new("upstream-401", 401, "Complete", "allow", "rule everything", "config/kind"),
            new("upstream-403", 403, "Complete", "allow", "rule everything", "config/kind"),
            new("unreachable", 502, "Refused/ConnectionRefused", "allow", "rule everything", "config/down") { Cluster = "down" },
        ];

        foreach (var expected in all)
        {
            if (expected.IsBackstageOnly && door is not EitherDoor.Backstage)
            {
                continue;
            }

            var response = await world.SendAsync(protocol, AuditWorld.Request(door, expected.Method, $"{expected.Collection}{expected.Name}?q={AuditWorld.Sentinel}", expected.Cluster, expected.Token));
            response.Status.Should().Be(expected.Status, expected.Name);

            var record = await world.RecordOfAsync(expected.Name);
            record.Code().Should().Be(expected.Status, expected.Name);
            record.Annotation("outcome").Should().Be(expected.Outcome, expected.Name);
            record.Annotation("decision").Should().Be(expected.Decision, expected.Name);
            record.Annotation("decided-by").Should().Be(expected.DecidedBy, expected.Name);
            record.Annotation("cluster").Should().Be(expected.Resolved, expected.Name);
            record.Annotation("requested-cluster").Should().Be(expected.Resolved is null ? expected.Cluster : null, expected.Name);
            record.User().Should().Be(expected.Resolved is null && expected.Status is 401 ? "system:anonymous" : expected.Token is AuditWorld.ViewerToken ? "viewer" : expected.Status is 400 ? "system:anonymous" : "portal-caller", expected.Name);
            record.GetRawText().Should().NotContain(AuditWorld.Sentinel);
            record.Target().Should().EndWith("?q=***");
        }

        AuditEvents.In(world.AuditFile, stage: null).Should().HaveCount(all.Count(expected => !expected.IsBackstageOnly || door is EitherDoor.Backstage), "one each");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B103_A_client_that_leaves_before_the_answer_is_one_record(EitherDoor door, WireProtocol protocol)
    {
        await using var world = await AuditWorld.StartAsync();
        world.Upstream.OnConnection(static async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.PeerClosed;
        });
        await using var client = await WireClient.ConnectAsync(protocol, world.Port(protocol));
        _ = client.SendAsync(AuditWorld.Request(door, "GET", $"{Pods}gone?q={AuditWorld.Sentinel}"));
        await world.Upstream.WaitForRequestAsync();

        client.Reset();

        var record = await world.RecordOfAsync("gone");
        record.Code().Should().Be(499);
        record.Annotation("outcome").Should().Be("ClientGone");
        record.Annotation("cluster").Should().Be("config/kind");
        record.Annotation("decision").Should().Be("allow");
        record.GetRawText().Should().NotContain(AuditWorld.Sentinel);
    }

    [Theory]
    [InlineData(200, "allow")]
    [InlineData(403, "deny")]
    [InlineData(401, "deny")]
    [InlineData(404, "allow")]
    public async Task F52_Where_the_cluster_judges_its_answer_is_the_decision(int status, string decision)
    {
        await using var world = await AuditWorld.StartAsync();
        world.Upstream.Respond(RawAnswer.Json(status, "{}", "Audit-Id: 5f1f1c9e-1111-4222-8333-444455556666"));

        await world.SendAsync(WireProtocol.Http11, AuditWorld.Request(EitherDoor.Cluster, "GET", Pods + "own", "own", "a-cluster-token"));

        var record = await world.RecordOfAsync("own");
        record.Code().Should().Be(status);
        record.Annotation("decision").Should().Be(decision);
        record.Annotation("decided-by").Should().Be("cluster");
        record.Annotation("login").Should().Be("ClusterToken");
        record.Annotation("credential").Should().Be("PassThrough");
        record.Annotation("cluster-audit-id").Should().Be("5f1f1c9e-1111-4222-8333-444455556666", "it leads to the cluster's own record");
        record.GetRawText().Should().NotContain("a-cluster-token");
    }

    private sealed record Expected(string Name, int Status, string Outcome, string Decision, string DecidedBy, string? Resolved)
    {
        public string Method { get; init; } = "GET";

        public string Collection { get; init; } = Pods;

        public string Cluster { get; init; } = "kind";

        public string? Token { get; init; } = TestGateway.Token;

        /// <summary>Elsewhere an unknown token is a cluster's.</summary>
        public bool IsBackstageOnly { get; init; }
    }
}
