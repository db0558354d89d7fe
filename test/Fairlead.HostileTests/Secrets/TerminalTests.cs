using System.Text.Json;
using AwesomeAssertions;
using Fairlead.HostileTests.Faults;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Secrets;

/// <summary>T79: whoever reads a log or the output of a command at a terminal sees text, and their terminal obeys nobody.</summary>
public sealed class TerminalTests
{
    private const string Escapes = "\u001b[31mred\u001b]0;owned\u0007\u009b2J";

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task T79_What_an_upstream_and_a_client_send_is_in_the_log_as_plain_text(string format)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond((RawAnswer)$"HTTP/1.1 200 OK\r\nX-{Escapes} no colon\r\n\r\n" with { Then = AfterAnswer.Close });
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", upstream.Url)], logFormat: format);

        FaultyWorld.ShouldBeRefused(await world.SendAsync("a", "/api/v1/pods"), 502);
        FaultyWorld.ShouldBeRefused(await world.SendAsync("a", "/api/v1/namespaces/n/pods/p%1B%5D0;x%07"), 400);
        var answer = await RawClient.ExchangeAsync(world.Port, RawRequest.Get("/api/kubernetes/proxy/api/v1/pods").With("Backstage-Kubernetes-Cluster", "\u001b[31ma").WithBearer(TestGateway.Token));
        answer.Status.Should().BeOneOf(400, 404);
        answer.BodyText.Should().NotContain("\u001b");
        await RawClient.ExchangeAsync(world.Port, RawRequest.Get("/clusters/a/api/v1/pods").With("User-Agent", "\u001b[31m").With("Authorization", "Bearer \u001b[31m"));

        await world.Gateway.Process.WaitForLineAsync("no colon");
        world.Gateway.Process.Transcript().Should().Contain("red");
        ShouldBePlain(world.Gateway.Process.Transcript());
        await world.AuditAsync(2);
        ShouldBePlain(await File.ReadAllTextAsync(world.AuditFile));
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("check")]
    [InlineData("can", "get", "pods", "--as", Escapes)]
    [InlineData("can", "get", "pods", "--as", "ann", "--cluster", Escapes)]
    [InlineData("rbac")]
    public async Task T79_A_command_prints_what_is_wrong_with_a_configuration_as_plain_text(params string[] command)
    {
        using var folder = new TempFolder();
        var escaped = JsonSerializer.Serialize(Escapes);
        var configuration = $"{escaped}: 1\nlog: {{ level: {escaped} }}\naccess: {{ rules: [{{ {escaped}: 1, verbs: [{escaped}] }}] }}\n";

        var (code, printed) = await RunAsync(command, configuration);

        code.Should().NotBe(0);
        printed.Should().Contain("owned", "it says what is wrong");
        ShouldBePlain(printed);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("can", "get", "pods", "--as", "ann", "--cluster", Escapes)]
    [InlineData("rbac", "--cluster", Escapes)]
    public async Task T79_A_command_prints_what_others_have_written_into_a_kubeconfig_as_plain_text(params string[] command)
    {
        using var folder = new TempFolder();
        var escaped = JsonSerializer.Serialize(Escapes);
        var kubeconfig = folder.Write("kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            clusters: [{ name: {{escaped}}, cluster: { server: "http://127.0.0.1:1" } }, { name: b, cluster: { server: {{escaped}} } }]
            users: [{ name: {{escaped}}, user: { exec: { apiVersion: {{escaped}}, command: {{escaped}}, interactiveMode: Never } } }]
            contexts: [{ name: {{escaped}}, context: { cluster: {{escaped}}, user: {{escaped}} } }, { name: c, context: { cluster: b, user: {{escaped}} } }, { name: d, context: { cluster: {{escaped}}, user: {{escaped}} } }]
            """);

        var (_, printed) = await RunAsync(command, $"kubernetes: {{ clusterLocatorMethods: [{{ type: kubeconfig, path: '{kubeconfig}' }}] }}\n");

        printed.Should().NotBeEmpty();
        ShouldBePlain(printed);
    }

    private static async Task<(int Code, string Printed)> RunAsync(string[] command, string configuration)
    {
        await using var gateway = GatewayProcess.Start(command, configuration);
        var code = await gateway.Process.WaitForExitAsync();
        return (code, gateway.Process.Transcript());
    }

    private static void ShouldBePlain(string text) => text.Where(static c => c is not '\n' && char.IsControl(c)).Should().BeEmpty(text.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal));
}
