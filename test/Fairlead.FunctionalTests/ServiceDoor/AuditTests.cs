using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>One record for each request to a Service.</summary>
public sealed class AuditTests
{
    private const string Secret = "SECRET-VALUE";

    public static TheoryData<Via> Transports { get; } = [.. Enum.GetValues<Via>()];

    [Theory]
    [MemberData(nameof(Transports))]
    public Task H95_A_forwarded_request(Via via) => RecordsAsync(
        via, passage => passage.GetAsync($"/serviceproxy/default/web/api/charts?a={Secret}"), 200, "Complete", via.Word());

    [Theory]
    [MemberData(nameof(Transports))]
    public Task H95_A_forwarded_request_in_request_form(Via via) => RecordsAsync(
        via, passage => passage.GetAsync($"/clusters/main/serviceproxy/default/web?request=api%2Fcharts%3Fa%3D{Secret}"), 200, "Complete", via.Word());

    [Fact]
    public Task H95_A_request_without_credentials() => RecordsAsync(
        Via.Direct, passage => passage.SendBareAsync(RawRequest.Get($"/serviceproxy/default/web/x?a={Secret}")), 401, "Refused/", null);

    [Theory]
    [MemberData(nameof(Transports))]
    public Task H95_A_request_that_is_denied(Via via) => RecordsAsync(
        via, passage => passage.SendBareAsync(RawRequest.Get($"/serviceproxy/default/web/x?a={Secret}").WithBearer("V-token")), 403, "Refused/", null);

    [Fact]
    public Task H95_A_missing_Service() => RecordsAsync(
        Via.Direct, passage => passage.GetAsync($"/serviceproxy/default/missing/x?a={Secret}"), 404, "Refused/", null, "missing");

    [Fact]
    public Task H95_A_redirect_to_elsewhere() => RecordsAsync(
        Via.Direct,
        passage =>
        {
            passage.Upstream.Respond(RawAnswer.Text(302, "", "text/plain", $"Location: https://elsewhere.example/?a={Secret}"));
            return passage.GetAsync("/serviceproxy/default/web/x");
        },
        302, "Complete", "direct");

    [Fact]
    public async Task H95_A_Service_that_refuses_the_connection()
    {
        using var refused = new RefusedPort();
        await RecordsAsync(
            Via.Direct,
            passage =>
            {
                ServiceCluster.AddService(passage.Cluster, "web", refused.Port);
                return passage.GetAsync($"/serviceproxy/default/web/x?a={Secret}");
            },
            502, "Refused/", "direct");
    }

    [Fact]
    public Task H95_A_body_that_breaks_off() => RecordsAsync(
        Via.Direct,
        passage =>
        {
            passage.Upstream.Respond(RawAnswer.TruncatedChunked(AfterAnswer.Close, "0123456789"));
            return passage.GetAsync($"/serviceproxy/default/web/x?a={Secret}");
        },
        200, "Cut", "direct");

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task H95_The_record_of_a_portal_caller_names_them(Via via)
    {
        var line = await RecordsAsync(
            via, passage => passage.Gateway.SendAsync(RawRequest.Get($"/serviceproxy/default/web/x?a={Secret}")), 200, "Complete", via.Word());

        line.Text.Should().Contain("portal-caller");
    }

    [Fact]
    public async Task H95_The_record_holds_the_port()
    {
        using var folder = new TempFolder();
        var file = folder.PathOf("audit.jsonl");
        await using var passage = await ServicePassage.StartAsync(change: options => options with { Audit = new AuditOptions { File = file } });
        ServiceCluster.AddService(passage.Cluster, "web", passage.Upstream.Port, """[{"name":"metrics","port":19090}]""");

        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);

        (await AuditLines.ReadAsync(file, 1)).Should().ContainSingle().Which.Text.Should().Contain("19090");
    }

    private static async Task<AuditLine> RecordsAsync(
        Via via, Func<ServicePassage, Task<RawResponse>> send, int status, string outcome, string? transport, string service = "web")
    {
        using var folder = new TempFolder();
        var file = folder.PathOf("audit.jsonl");
        await using var passage = await ServicePassage.StartAsync(
            via.Choice(), options => options with { Audit = new AuditOptions { File = file } }, static cluster => cluster.LetIn("V-token", "bob", "system:authenticated"));

        var response = await send(passage);

        if (outcome is "Cut")
        {
            // The connection is reset, and what was on its way to the client may go with it.
            response.End.Should().NotBe(ResponseEnd.Complete);
        }
        else
        {
            response.Status.Should().Be(status, response.ToString());
        }

        // A second request, to be sure that the first has left no second record.
        (await passage.Gateway.SendBareAsync(RawRequest.Get("/serviceproxy/default/marker/x"))).Status.Should().Be(401);
        var lines = await AuditLines.ReadAsync(file, 2);
        lines.Should().HaveCount(2);
        var line = lines.Single(static line => !line.Text.Contains("marker", StringComparison.Ordinal));
        line.Code.Should().Be(status);
        line.Verb.Should().Be("get");
        line.Outcome.Should().StartWith(outcome);
        line.Text.Should().NotContain(Secret).And.NotContain("Bearer").And.NotContain("V-token").And.NotContain("portal-token");
        using var json = JsonDocument.Parse(line.Text);
        var reference = json.RootElement.GetProperty("objectRef");
        reference.GetProperty("resource").GetString().Should().Be("services");
        reference.GetProperty("subresource").GetString().Should().Be("proxy");
        reference.GetProperty("namespace").GetString().Should().Be("default");
        reference.GetProperty("name").GetString().Should().Be(service);
        var annotations = json.RootElement.GetProperty("annotations").EnumerateObject().ToDictionary(static one => one.Name, static one => one.Value.GetString(), StringComparer.Ordinal);
        // Contract F46.
        annotations.Should().ContainKeys("fairlead.dev/decision", "fairlead.dev/decided-by", "fairlead.dev/request-bytes", "fairlead.dev/response-bytes", "fairlead.dev/duration-seconds");
        annotations["fairlead.dev/decision"].Should().Be(status is 401 or 403 or 404 ? "deny" : "allow");
        if (status != 401)
        {
            annotations["fairlead.dev/cluster"].Should().EndWith("main");
        }

        if (transport is not null)
        {
            annotations["fairlead.dev/transport"].Should().Be(transport);
            annotations["fairlead.dev/service"].Should().Contain(service);
        }

        return line;
    }
}
