using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Files;
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

    private static async Task<string> SerialAsync(FaultyWorld world)
    {
        await using var client = await RawClient.ConnectAsync(world.Port, new RawTls());
        return client.ServerCertificate!.SerialNumber;
    }
}
