using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Credentials;

/// <summary>Clusters whose credential a plugin gives, through the whole gateway.</summary>
public sealed class ExecPluginTests : IDisposable
{
    private const string Pods = "/api/v1/namespaces/team/pods";

    private readonly ExecPlugins _plugins = new();

    public void Dispose() => _plugins.Dispose();

    [Fact]
    public async Task F17_50_first_requests_run_the_plugin_once_and_all_arrive_with_its_token()
    {
        await using var upstream = new RawUpstream();
        _plugins.Give("from-plugin");
        await using var gateway = await TestGateway.StartAsync(ExecPlugins.Cluster("exec", upstream.Url, _plugins.Write()));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => gateway.GetAsync(Pods, "exec")));

        answers.Should().OnlyContain(static answer => answer.Status == 200);
        upstream.Requests.Should().HaveCount(50).And.OnlyContain(static request => request.Headers("Authorization").Contains("Bearer from-plugin"));
        _plugins.Runs().Should().Be(1);
        gateway.Log.Lines.Should().NotContain(static line => line.Contains("from-plugin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_the_cluster_refuses_is_asked_for_once_more_and_the_client_sees_the_answer_to_the_new_one()
    {
        await using var upstream = new RawUpstream();
        var isRevoked = false;
        upstream.Respond(request => RawAnswer.Json(Volatile.Read(ref isRevoked) && request.Headers("Authorization") is ["Bearer one"] ? 401 : 200, "{}"));
        _plugins.Give("one");
        await using var gateway = await TestGateway.StartAsync(ExecPlugins.Cluster("exec", upstream.Url, _plugins.Write()));
        (await gateway.GetAsync(Pods, "exec")).Status.Should().Be(200);

        _plugins.Give("two");
        Volatile.Write(ref isRevoked, true);

        // A token that was given just now is not asked for again at once.
        await Eventually.BeTrueAsync(async () => (await gateway.GetAsync(Pods, "exec")).Status == 200, "a request travels on the second token");
        _plugins.Runs().Should().Be(2);
        upstream.Requests.TakeLast(2).Select(static request => request.Headers("Authorization").Single()).Should().Equal("Bearer one", "Bearer two");
        (await gateway.GetAsync(Pods, "exec")).Status.Should().Be(200);
        _plugins.Runs().Should().Be(2);
    }

    [Fact]
    public async Task T91_A_certificate_of_a_plugin_is_shown_and_exchanged_when_it_is_renewed_while_a_watch_on_the_old_one_lives_on()
    {
        await using var upstream = new RawUpstream(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server().Certificate, RequestClientCertificate = true });
        var gate = new Gate();
        upstream.OnConnection(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (!request.Target.Contains("watch", StringComparison.Ordinal))
                {
                    await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
                    continue;
                }

                await connection.WriteAsync(RawAnswer.ChunkedHead(200));
                await gate.WaitAsync();
                await connection.WriteAsync(RawAnswer.Chunk("{\"late\":1}\n"));
                await connection.PeerClosed;
            }
        });
        GiveClient("first", DateTimeOffset.UtcNow.AddSeconds(8));
        await using var gateway = await TestGateway.StartAsync(ExecPlugins.Cluster("exec", upstream.Url, _plugins.Write()));
        await using var client = await RawClient.ConnectAsync(gateway.Port);
        var watch = await client.SendAsync(RawRequest.Get("/clusters/exec/api/v1/pods?watch=1").WithBearer(TestGateway.Token));
        watch.Status.Should().Be(200);
        upstream.Requests.Should().ContainSingle().Which.Connection.PeerCertificate!.Subject.Should().Contain("CN=first");

        GiveClient("second", DateTimeOffset.UtcNow.AddHours(1));

        await Eventually.BeTrueAsync(
            async () => (await gateway.GetAsync(Pods, "exec")).Status == 200 && upstream.Requests[^1].Connection.PeerCertificate!.Subject.Contains("CN=second", StringComparison.Ordinal),
            "a request shows the second certificate");
        gate.Open();
        (await watch.ReadLineAsync()).Should().Be("{\"late\":1}");
        upstream.Requests.Should().OnlyContain(static request => request.Headers("Authorization").Count == 0);
        _plugins.Runs().Should().Be(2);
    }

    [Theory]
    [InlineData("echo SENTINEL >&2; sleep 1000")]
    [InlineData("yes SENTINEL")]
    [InlineData("head -c 100000000 /dev/zero")]
    [InlineData("echo SENTINEL; echo SENTINEL >&2; exit 7")]
    [InlineData("echo SENTINEL")]
    [InlineData("printf %s '{\"apiVersion\":\"v1\",\"kind\":\"SENTINEL\",\"status\":{\"token\":\"SENTINEL\"}}'")]
    [InlineData("printf %s '{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"SENTINEL\"}}'")]
    [InlineData("printf %s '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"SENTINEL\",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\"}}'")]
    [InlineData("printf %s '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"clientKeyData\":\"SENTINEL\"}}'")]
    [InlineData("printf %s '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"SENT\\r\\nINEL\"}}'")]
    [InlineData("true")]
    public async Task T92_T05_A_plugin_that_fails_is_a_502_of_its_cluster_alone_and_what_it_printed_is_nowhere(string script)
    {
        await using var upstream = new RawUpstream();
        _plugins.Give("good");
        await using var gateway = await TestGateway.StartAsync(
            ExecPlugins.Cluster("broken", upstream.Url, _plugins.Write("broken", script), new ExecSettings { Timeout = TimeSpan.FromSeconds(1), MaxOutput = 64 * 1024 }),
            ExecPlugins.Cluster("exec", upstream.Url, _plugins.Write()),
            TestCluster.Held("kind", upstream.Url));

        var broken = gateway.GetAsync(Pods, "broken");
        (await gateway.GetAsync(Pods, "exec")).Status.Should().Be(200);
        (await gateway.GetAsync(Pods, "kind")).Status.Should().Be(200);

        var answer = await broken;
        answer.Status.Should().Be(502);
        answer.BodyText.Should().Contain("no credential could be obtained").And.NotContain("INEL").And.NotContain(_plugins.Folder.Path);
        upstream.Requests.Should().HaveCount(2, "nothing was sent without a credential");
        gateway.Log.Lines.Should().Contain(static line => line.Contains("credential plugin '", StringComparison.Ordinal));
        gateway.Log.Lines.Should().NotContain(static line => line.Contains("INEL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_kubeconfigs_plugin_is_run_with_the_cluster_that_it_asks_for()
    {
        await using var upstream = new RawUpstream();
        var path = _plugins.Write(script: $"printf %s \"$KUBERNETES_EXEC_INFO\" > '{_plugins.Folder.PathOf("info")}'; cat '{_plugins.Folder.PathOf("credential.json")}'");
        _plugins.Give("from-plugin");
        await using var gateway = await TestGateway.StartAsync(WithKubeconfig(upstream.Url, new ExecSettings { AllowedCommands = [path] }));

        (await gateway.GetAsync(Pods, "dev")).Status.Should().Be(200);

        upstream.Requests.Should().ContainSingle().Which.Headers("Authorization").Should().Equal("Bearer from-plugin");
        (await File.ReadAllTextAsync(_plugins.Folder.PathOf("info"))).Should().Be(
            $$$"""{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":{"server":"{{{upstream.Url}}}","config":{"audience":"x"}},"interactive":false}}""");
    }

    [Fact]
    public async Task A_plugin_that_nobody_has_allowed_is_not_run_and_callers_own_tokens_reach_the_cluster()
    {
        await using var upstream = new RawUpstream();
        var path = _plugins.Write();
        _plugins.Give("from-plugin");
        var options = WithKubeconfig(upstream.Url, new ExecSettings { AllowedCommands = ["other"] });
        await using var gateway = await TestGateway.StartAsync(options);

        var held = await gateway.GetAsync(Pods, "dev");
        held.Status.Should().Be(502);
        held.BodyText.Should().NotContain(path);
        upstream.Requests.Should().BeEmpty();
        _plugins.Runs().Should().Be(0);

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/dev" + Pods).WithBearer("own"))).Status.Should().Be(200);
        upstream.Requests.Should().ContainSingle().Which.Headers("Authorization").Should().Equal("Bearer own");
        await Eventually.BeTrueAsync(() => gateway.Log.Lines.Any(line => line.Contains($"credentials.exec.allowedCommands: [{path}]", StringComparison.Ordinal)), "the log says what to add");

        await using var output = new StringWriter();
        var code = await Fairlead.Commands.CheckCommand.RunAsync(
            () => new ConfigurationResult(options, []),
            static locator => Fairlead.Clusters.Sources.ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal)), output, TestContext.Current.CancellationToken);
        code.Should().Be(1);
        output.ToString().Should().Contain($"credentials.exec.allowedCommands: [{path}]");
    }

    private GatewayOptions WithKubeconfig(string url, ExecSettings settings)
    {
        var path = _plugins.Folder.Write("kubeconfig", $$"""
            clusters: [{ name: c, cluster: { server: "{{url}}", extensions: [{ name: client.authentication.k8s.io/exec, extension: { audience: x } }] } }]
            users: [{ name: u, user: { exec: { apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: ./plugin, provideClusterInfo: true } } }]
            contexts: [{ name: dev, context: { cluster: c, user: u } }]
            """);
        return TestGateway.Options() with { ClusterLocators = [new ClusterLocator.Kubeconfig("kubeconfig", [path], []) { Exec = settings }] };
    }

    private void GiveClient(string name, DateTimeOffset expiration)
    {
        var client = TestCertificates.Shared.Client(name);
        _plugins.Give(certificate: client.Pem, key: client.KeyPem, expiration: expiration);
    }
}
