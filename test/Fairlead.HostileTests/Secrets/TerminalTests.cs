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

    /// <summary>A cluster and a portal all of whose answers to the gateway itself are escapes: names of Services and endpoints, errors, reasons, versions, entities.</summary>
    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task T79_What_a_cluster_and_a_portal_say_to_the_gateway_is_in_logs_records_and_commands_as_plain_text(string format)
    {
        using var folder = new TempFolder();
        await using var cluster = new RawUpstream();
        cluster.Respond(static request => Escaped(request.Target));
        await using var portal = new RawUpstream();
        portal.Respond(static _ => RawAnswer.Json(200, Entities()));
        string[] configuration =
        [
            $"publicUrl: https://fairlead.example.com\nauth: {{ tokenReview: true, backstage: {{ url: '{portal.Url}', token: t }}, static: [{{ subject: portal-caller, tokenSha256: '{TestGateway.TokenHash}', groups: [portal] }}] }}",
            $"log: {{ level: trace, format: {format} }}\naudit: {{ file: '{folder.PathOf("audit.log")}' }}\nserviceProxy: {{ defaultCluster: a }}\n{FaultyWorld.AllowAll}",
            $"kubernetes: {{ clusterLocatorMethods: [{{ type: config, clusters: [{{ {FaultyWorld.ClusterAt("a", cluster.Url, ", network: direct")} }}] }}, {{ type: catalog, refresh: 1s, dangerouslyAllowClusterUrls: [127.0.0.1] }}] }}",
        ];
        var text = string.Join('\n', configuration);
        var (gateway, listening) = await GatewayProcess.StartAsync(@"listens on http://127\.0\.0\.1:(\d+)", ["serve"], text + "\nlisten: [http://127.0.0.1:0]\nmanagement: { listen: 'off' }\n");
        await using var running = gateway;
        var port = int.Parse(listening.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

        string[] targets = ["/serviceproxy/default/web/x", "/serviceproxy/default/failing/x", "/clusters/a/api/v1/pods", "/clusters/x-owned/api/v1/pods", "/api/kubernetes/clusters"];
        foreach (var request in from target in targets from token in (string[])[TestGateway.Token, "somebodys-own"] select RawRequest.Get(target).WithBearer(token).With("Host", "fairlead.example.com"))
        {
            var answer = await RawClient.ExchangeAsync(port, request);
            answer.Status.Should().BeOneOf(200, 401, 403, 404, 500, 502, 503);
            if (answer.Headers("Proxy-Status").Count > 0)
            {
                answer.Status.Should().NotBe(500, "what others say does not make the gateway fail");
                ShouldBePlain(answer.BodyText);
            }
        }

        cluster.Requests.Should().Contain(static request => request.Target.Contains("/services", StringComparison.Ordinal)).And.Contain(static request => request.Target.EndsWith("/tokenreviews", StringComparison.Ordinal));
        portal.Requests.Should().NotBeEmpty();
        (await gateway.StopAsync()).Should().BeOneOf(0, 143);
        ShouldBePlain(gateway.Process.Transcript());
        var records = await File.ReadAllTextAsync(folder.PathOf("audit.log"));
        records.Should().Contain("/serviceproxy/default/web/x");
        ShouldBePlain(records);

        foreach (var command in (string[][])[["check"], ["can", "get", "pods", "--as", "ann", "--cluster", "a"], ["rbac", "--cluster", "a"]])
        {
            var (_, printed) = await RunAsync(command, text);
            printed.Should().NotBeEmpty();
            ShouldBePlain(printed);
        }

        (await RunAsync(["check"], text)).Printed.Should().Contain("owned", "it says what it was told");
    }

    private static RawAnswer Escaped(string target)
    {
        var escaped = JsonSerializer.Serialize(Escapes);
        var path = target.Split('?')[0];
        var status = $$$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":{{{escaped}}},"message":{{{escaped}}},"code":500}""";
        var metadata = $$$"""{"name":{{{escaped}}},"namespace":{{{escaped}}},"resourceVersion":"1","labels":{"kubernetes.io/service-name":{{{escaped}}}},"annotations":{ {{{escaped}}}:{{{escaped}}} }}""";
        return path.EndsWith("/version", StringComparison.Ordinal) ? RawAnswer.Json(200, $$$"""{"gitVersion":{{{escaped}}}}""")
            : path.EndsWith("/tokenreviews", StringComparison.Ordinal) ? RawAnswer.Json(201, $$$"""{"status":{"authenticated":false,"error":{{{escaped}}}}}""")
            : path.EndsWith("accessreviews", StringComparison.Ordinal) ? RawAnswer.Json(201, $$$"""{"status":{"allowed":false,"reason":{{{escaped}}},"evaluationError":{{{escaped}}}}}""")
            : path.EndsWith("/services", StringComparison.Ordinal) ? RawAnswer.Json(200, $$$"""{"kind":"ServiceList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{{{metadata}}},"spec":{"clusterIP":{{{escaped}}},"ports":[{"name":{{{escaped}}},"port":80}]}}]}""")
            : RawAnswer.Json(500, status);
    }

    private static string Entities()
    {
        var escaped = JsonSerializer.Serialize(Escapes);
        return $$$"""
            {"items":[
              {"apiVersion":"backstage.io/v1alpha1","kind":"Resource","metadata":{"name":{{{escaped}}},"namespace":{{{escaped}}},"annotations":{"kubernetes.io/api-server":{{{escaped}}},"kubernetes.io/auth-provider":"google"}},"spec":{"type":"kubernetes-cluster"}},
              {"apiVersion":"backstage.io/v1alpha1","kind":"Resource","metadata":{"name":"x","namespace":"default","title":{{{escaped}}},"annotations":{"kubernetes.io/api-server":"https://127.0.0.1:1","kubernetes.io/api-server-certificate-authority":{{{escaped}}},"kubernetes.io/auth-provider":{{{escaped}}}}},"spec":{"type":"kubernetes-cluster"}}
            ],"totalItems":2,"pageInfo":{}}
            """;
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
