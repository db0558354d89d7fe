using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class QuerySecretTests
{
    private const string Sentinel = "SENTINEL";

    public static MatrixTheoryData<EitherDoor, WireProtocol> Ways { get; } = new(Enum.GetValues<EitherDoor>(), WireClient.Protocols);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B104_A_value_in_a_query_is_in_no_log_line_audit_record_or_error_body(EitherDoor door, WireProtocol client)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(static request => request.Target.Contains("break", StringComparison.Ordinal)
            ? RawAnswer.Truncated(100, "{")
            : RawAnswer.Json(200, "{}"));
        using var refused = new RefusedPort();
        using var folder = new TempFolder();
        var audit = folder.PathOf("audit.jsonl");
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(
            TestCluster.Held("kind", upstream.Url), TestCluster.Held("down", $"https://127.0.0.1:{refused.Port}")) with { Audit = new AuditOptions { File = audit } });
        const string Query = $"?token={Sentinel}&command={Sentinel}&{Sentinel}";
        const string Exec = "/api/v1/namespaces/a/pods/b/exec" + Query;
        RawRequest[] requests =
        [
            door.Get("/api/v1/pods" + Query),
            door.Get("/api/v1/break" + Query),
            door.Get("/api/v1/pods" + Query, "down"),
            door.Get("/api/v1/pods" + Query, "unknown"),
            door.Get("/api/v1/pods/%2e%2e/x" + Query),
            door.Bare(RawRequest.Get("/api/v1/pods" + Query)),
            door.Request(new RawRequest("POST", Exec).With("Content-Length", "0"), "down"),
            door.Get("/api/v1/pods" + Query).With("Impersonate-User", "root"),
            RawRequest.Get("/nowhere" + Query),
        ];

        var port = client is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort;
        foreach (var request in requests)
        {
            var response = await WireClient.ExchangeAsync(client, port, request);
            response.ToString().Should().NotContain(Sentinel);
        }

        await using (var caller = await WireClient.ConnectAsync(client, port))
        {
            var refusal = await (await caller.UpgradeAsync(door.Request(RawRequest.WebSocket(Exec, "v5.channel.k8s.io"), "down"))).ReadToEndAsync();
            refusal.Status.Should().Be(502);
            refusal.ToString().Should().NotContain(Sentinel);
        }

        upstream.Requests.Should().Contain(static request => request.Target.Contains(Sentinel), "the cluster gets the query");
        (await AuditLines.ReadAsync(audit, requests.Length + 1)).Should().NotContain(static line => line.Text.Contains(Sentinel));
        gateway.Log.Lines.Should().NotContain(static line => line.Contains(Sentinel));
        gateway.Log.Lines.Should().NotBeEmpty();
    }
}
