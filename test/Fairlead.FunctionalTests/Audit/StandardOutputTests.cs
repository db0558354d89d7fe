using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.FunctionalTests.Audit;

/// <summary>The built server with an audit trail, as a container platform runs it.</summary>
public sealed class StandardOutputTests
{
    private static string Configuration(string audit) => $$"""
        listen: http://127.0.0.1:0
        management: { listen: 'off' }
        log: { level: trace, format: json }
        auth: { static: [{ subject: portal-caller, tokenSha256: "{{TestGateway.TokenHash}}", groups: [portal] }] }
        audit: {{audit}}
        """;

    [Fact]
    public async Task Records_are_all_that_is_on_standard_output_and_the_log_is_on_standard_error()
    {
        using var folder = new TempFolder();
        var file = folder.PathOf("audit.log");
        await using var gateway = await StartAsync($"{{ stdout: true, file: {file} }}", 5);

        await Eventually.BeTrueAsync(() => gateway.Process.Output.Count >= 5, "the records are printed");
        (await gateway.StopAsync()).Should().Be(0);

        gateway.Process.Output.Should().HaveCount(5);
        AuditEvents.Parse(string.Join('\n', gateway.Process.Output) + "\n").Select(static record => record.GetProperty("auditID").GetString())
            .Should().BeEquivalentTo(AuditEvents.In(file).Select(static record => record.GetProperty("auditID").GetString()), "both have the same");
        gateway.Process.Errors.Should().Contain(static line => line.Contains("listens on", StringComparison.Ordinal)).And.Contain(static line => line.StartsWith('{'), "the log is there");
    }

    [Fact]
    public async Task A_file_is_rotated_and_loses_nothing()
    {
        using var folder = new TempFolder();
        await using var gateway = await StartAsync($"{{ file: {folder.PathOf("audit.log")}, maxSize: 4096, maxFiles: unlimited }}", 40);

        IReadOnlyList<string> files = [];
        await Eventually.BeTrueAsync(
            () => (files = [.. Directory.EnumerateFiles(folder.Path)]).Sum(static file => AuditEvents.In(file).Count) >= 40, "all records are written");
        (await gateway.StopAsync()).Should().Be(0);

        files.Should().HaveCountGreaterThan(1);
        gateway.Process.Transcript().Should().NotContain("audit file", "nothing is wrong with it");
        files.SelectMany(static file => AuditEvents.In(file)).Select(static record => record.GetProperty("auditID").GetString()).Should().OnlyHaveUniqueItems().And.HaveCount(40);
    }

    private static async Task<GatewayProcess> StartAsync(string audit, int requests)
    {
        var (gateway, listening) = await GatewayProcess.StartAsync(@"listens on http://127\.0\.0\.1:(\d+)", ["serve"], Configuration(audit));
        var port = int.Parse(listening.Groups[1].Value, CultureInfo.InvariantCulture);
        for (var i = 1; i < requests; i++)
        {
            (await RawClient.ExchangeAsync(port, RawRequest.Get("/auth/me").WithBearer(TestGateway.Token))).Status.Should().Be(200);
        }

        // That is logged, too.
        (await RawClient.ExchangeAsync(port, RawRequest.Get("/auth/me"))).Status.Should().Be(401);

        return gateway;
    }
}
