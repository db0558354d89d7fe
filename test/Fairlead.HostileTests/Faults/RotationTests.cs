using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Files;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Faults;

/// <summary>Secrets and ConfigMaps that are exchanged below a running process, by the link swap of a mounted folder.</summary>
public sealed class RotationTests
{
    [Fact]
    public async Task T111_The_gateways_own_certificate_is_exchanged_for_new_connections_and_a_broken_one_is_not_taken()
    {
        using var mounted = new MountedFolder();
        var (first, second) = (TestCertificates.Shared.Server(), TestCertificates.Shared.Server());
        mounted.Publish(("tls.crt", first.Pem), ("tls.key", first.KeyPem));
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")], $"tls: {{ certFile: '{mounted.Of("tls.crt")}', keyFile: '{mounted.Of("tls.key")}' }}", listen: "https://127.0.0.1:0");
        await using var early = await RawClient.ConnectAsync(world.Port, new RawTls());
        early.ServerCertificate!.SerialNumber.Should().Be(first.Certificate.SerialNumber);

        mounted.Publish(("tls.crt", second.Pem), ("tls.key", first.KeyPem));
        await Eventually.BeTrueAsync(
            async () =>
            {
                (await SerialAsync(world)).Should().Be(first.Certificate.SerialNumber, "certificate and key do not belong together");
                return world.Gateway.Process.Output.Any(static line => line.Contains("ServerCertificate", StringComparison.Ordinal));
            },
            "the log says that the new certificate cannot be used");
        mounted.Publish(("tls.crt", second.Pem), ("tls.key", second.KeyPem));
        await Eventually.BeTrueAsync(async () => string.Equals(await SerialAsync(world), second.Certificate.SerialNumber, StringComparison.Ordinal), "the new certificate is shown");

        (await (await early.SendAsync(FaultyWorld.Request("a", "/api/v1/pods"))).ReadToEndAsync()).Status.Should().Be(200, "connections that are there live on");
    }

    [Fact]
    public async Task T91_An_exchanged_token_and_client_certificate_are_used_by_every_request_from_then_on_and_streams_live_on()
    {
        using var mounted = new MountedFolder();
        var (first, second) = (TestCertificates.Shared.Client("first"), TestCertificates.Shared.Client("second"));
        mounted.Publish(("token", "token-one"), ("tls.crt", first.Pem), ("tls.key", first.KeyPem), ("ca.crt", TestCertificates.Shared.AuthorityPem));
        await using var upstream = new RawUpstream(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server().Certificate, RequestClientCertificate = true });
        upstream.Respond(static request => request.Target.Contains("watch", StringComparison.Ordinal) ? new RawAnswer(System.Text.Encoding.ASCII.GetBytes(RawAnswer.ChunkedHead(200))) : RawAnswer.Json(200, "{}"));
        await using var world = await FaultyWorld.StartAsync(
        [
            $"name: a, url: '{upstream.Url}', caFile: '{mounted.Of("ca.crt")}', authProvider: serviceAccount, serviceAccountTokenFile: '{mounted.Of("token")}'",
            $"name: b, url: '{upstream.Url}', caFile: '{mounted.Of("ca.crt")}', authProvider: clientCertificate, clientCertFile: '{mounted.Of("tls.crt")}', clientKeyFile: '{mounted.Of("tls.key")}'",
        ]);
        await using var watcher = await RawClient.ConnectAsync(world.Port);
        var watch = await watcher.SendAsync(FaultyWorld.Request("b", "/api/v1/pods?watch=1"));
        watch.Status.Should().Be(200);
        await AskAsync();
        upstream.Requests[^2].Header("Authorization").Should().Be("Bearer token-one");
        upstream.Requests[^1].Connection.PeerCertificate!.Subject.Should().Be("CN=first");

        mounted.Publish(("token", "token-two"), ("tls.crt", second.Pem), ("tls.key", second.KeyPem), ("ca.crt", TestCertificates.Shared.AuthorityPem));
        await Eventually.BeTrueAsync(
            async () =>
            {
                await AskAsync();
                return upstream.Requests[^2].Header("Authorization") is "Bearer token-two" && upstream.Requests[^1].Connection.PeerCertificate!.Subject is "CN=second";
            },
            "the new ones are used");
        for (var i = 0; i < 10; i++)
        {
            await AskAsync();
            upstream.Requests[^2].Header("Authorization").Should().Be("Bearer token-two");
            upstream.Requests[^1].Connection.PeerCertificate!.Subject.Should().Be("CN=second");
        }

        watch.End.Should().BeNull();

        async Task AskAsync()
        {
            (await world.SendAsync("a", "/api/v1/pods")).Status.Should().Be(200);
            (await world.SendAsync("b", "/api/v1/pods")).Status.Should().Be(200);
        }
    }

    /// <summary>The old token and the old certificate are refused from the moment on at which the files change: after the bound no request meets that.</summary>
    [Fact]
    public async Task T91_After_the_bound_no_request_at_any_door_uses_a_credential_that_the_cluster_has_revoked()
    {
        const string Service = """{"kind":"Service","apiVersion":"v1","metadata":{"name":"web","namespace":"default","resourceVersion":"1"},"spec":{"clusterIP":"10.0.0.1","ports":[{"port":80}]}}""";
        using var mounted = new MountedFolder();
        var (first, second) = (TestCertificates.Shared.Client("first"), TestCertificates.Shared.Client("second"));
        mounted.Publish(("token", "token-one"), ("tls.crt", first.Pem), ("tls.key", first.KeyPem));
        var isRevoked = false;
        await using var upstream = new RawUpstream(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server().Certificate, RequestClientCertificate = true });
        upstream.Respond(request =>
            isRevoked && (request.Header("Authorization") is "Bearer token-one" || request.Connection.PeerCertificate?.Subject is "CN=first") ? RawAnswer.Json(401, """{"kind":"Status","code":401}""")
            : request.Target.EndsWith("accessreviews", StringComparison.Ordinal) ? RawAnswer.Json(201, """{"status":{"allowed":true}}""")
            : request.Target.Contains("watch=", StringComparison.Ordinal) ? new RawAnswer(System.Text.Encoding.ASCII.GetBytes(RawAnswer.ChunkedHead(200)))
            : request.Target.StartsWith("/api/v1/services", StringComparison.Ordinal) ? RawAnswer.Json(200, $$"""{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{{Service}}]}""")
            : RawAnswer.Json(200, Service));
        var clock = new CheckClock();
        var authority = new PemSource.Inline(new Secret(TestCertificates.Shared.AuthorityPem));
        ClusterDefinition[] clusters =
        [
            TestCluster.Of("token", upstream.Url, new CredentialDefinition.TokenFile(mounted.Of("token"))),
            TestCluster.Certified("certificate", upstream.Url, new PemSource.File(mounted.Of("tls.crt")), new PemSource.File(mounted.Of("tls.key"))),
        ];
        var options = TestGateway.Options([.. clusters.Select(cluster => cluster with { Connection = cluster.Connection with { CertificateAuthority = authority } })]);
        await using var gateway = await TestGateway.StartAsync(options with { Timeouts = options.Timeouts with { FileCheck = TimeSpan.FromHours(1) } }, time: clock);
        await AskEveryDoorAsync("one");

        isRevoked = true;
        mounted.Publish(("token", "token-two"), ("tls.crt", second.Pem), ("tls.key", second.KeyPem));
        clock.Advance(TimeSpan.FromHours(1));

        var before = upstream.Requests.Count;
        for (var i = 0; i < 5; i++)
        {
            await AskEveryDoorAsync("two");
        }

        upstream.Requests.Skip(before).Where(static request => request.Header("Authorization") is "Bearer token-one" || request.Connection.PeerCertificate?.Subject is "CN=first").Should().BeEmpty();

        async Task AskEveryDoorAsync(string which)
        {
            foreach (var (cluster, protocol) in from cluster in clusters from protocol in WireClient.Protocols select (cluster.Name, protocol))
            {
                foreach (var request in (RawRequest[])[
                    RawRequest.Get($"/clusters/{cluster}/api/v1/pods"), RawRequest.Get("/api/kubernetes/proxy/api/v1/pods").With("Backstage-Kubernetes-Cluster", cluster),
                    RawRequest.Get($"/clusters/{cluster}/serviceproxy/default/web/x")])
                {
                    var response = await WireClient.ExchangeAsync(protocol, protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort, request.WithBearer(TestGateway.Token));

                    response.Status.Should().Be(200, $"{which}, {cluster}, {protocol}, {request.Target}: {response.BodyText.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)} {string.Join(' ', upstream.Requests.TakeLast(4).Select(static sent => sent.Target))}");
                }
            }
        }
    }

    [Fact]
    public async Task T77_T111_A_rule_that_is_taken_away_ends_within_the_bound_and_a_broken_configuration_changes_nothing()
    {
        using var mounted = new MountedFolder();
        mounted.Publish(("access.yaml", FaultyWorld.AllowAll));
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")], arguments: ["--config", mounted.Of("access.yaml")]);
        (await world.SendAsync("a", "/api/v1/pods")).Status.Should().Be(200);

        mounted.Publish(("access.yaml", FaultyWorld.AllowAll.Replace("resources: [\"*\"]", "resources: [services]", StringComparison.Ordinal)));
        await Eventually.BeTrueAsync(async () => (await world.SendAsync("a", "/api/v1/pods")).Status is 403 or 404, "the rule has ended");
        (await world.SendAsync("a", "/api/v1/services")).Status.Should().Be(200);

        foreach (var broken in (string[])["access: { rulez: [] }", "access: { rules: ", FaultyWorld.AllowAll.Replace("verbs:", "verb:", StringComparison.Ordinal), "access: { rules: everything }"])
        {
            var before = world.Gateway.Process.Output.Count(static line => line.Contains("[602]", StringComparison.Ordinal));
            mounted.Publish(("access.yaml", broken));
            await Eventually.BeTrueAsync(() => world.Gateway.Process.Output.Count(static line => line.Contains("[602]", StringComparison.Ordinal)) > before, $"'{broken}' is reported");
            (await world.SendAsync("a", "/api/v1/pods")).Status.Should().BeOneOf([403, 404], "the last good configuration is in force");
            (await world.SendAsync("a", "/api/v1/services")).Status.Should().Be(200);
        }

        mounted.Publish(("access.yaml", FaultyWorld.AllowAll));
        await world.ShouldRecoverAsync("a");
    }

    /// <summary>Tells the real time plus what was added, to those who measure too.</summary>
    private sealed class CheckClock : TimeProvider
    {
        private long _added;

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _added);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddSeconds((double)Interlocked.Read(ref _added) / TimestampFrequency);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _added, (long)(by.TotalSeconds * TimestampFrequency));
    }

    private static async Task<string> SerialAsync(FaultyWorld world)
    {
        await using var client = await RawClient.ConnectAsync(world.Port, new RawTls());
        return client.ServerCertificate!.SerialNumber;
    }
}
