using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class ReloadTests : IDisposable
{
    private const string Path = "/api/v1/namespaces";

    private readonly TempFolder _folder = new();
    private readonly string _file;

    public ReloadTests() => _file = _folder.Write("fairlead.yaml", "");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(UpstreamProtocol.Http11)]
    [InlineData(UpstreamProtocol.Http2)]
    public async Task T112_A_watch_of_an_unrelated_cluster_lives_through_reloads(UpstreamProtocol protocol)
    {
        await using var watched = await GatedStream.StartAsync(protocol, "application/json", "before", "after");
        await using var one = new RawUpstream();
        await using var two = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(Options(TestCluster.Held("watched", watched.Url), TestCluster.Held("kind", one.Url)));
        await using var caller = await RawClient.ConnectAsync(gateway.Port);
        var watch = await caller.SendAsync(EitherDoor.Backstage.Get("/api/v1/pods?watch=true", "watched"));
        watched.Send(0);
        (await watch.ReadLineAsync()).Should().Be("before");

        await gateway.ReloadAsync(Options(TestCluster.Held("kind", two.Url), TestCluster.Held("watched", watched.Url)), _file);
        await gateway.ReloadAsync(Options(TestCluster.Held("watched", watched.Url)), _file);

        watched.Send(1);
        (await watch.ReadLineAsync()).Should().Be("after");
        (await watch.ReadToEndAsync()).End.Should().Be(ResponseEnd.Complete);
        var connections = watched.ConnectionCount;
        (await gateway.GetAsync(Path, "watched")).Status.Should().Be(200);
        watched.ConnectionCount.Should().Be(connections, "the cluster's connections were kept");
    }

    [Fact]
    public async Task T112_A_tunnel_of_an_unrelated_cluster_lives_through_a_reload()
    {
        await using var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(SpdyHandshake.Accept());
            await connection.Duplex.CopyToAsync(connection.Duplex);
        });
        await using var gateway = await TestGateway.StartAsync(Options(TestCluster.Held("kind", upstream.Url), TestCluster.Held("other", upstream.Url)));
        await using var caller = await RawClient.ConnectAsync(gateway.Port);
        var tunnel = await caller.SendAsync(EitherDoor.Cluster.Request(SpdyHandshake.Request("/api/v1/namespaces/a/pods/b/exec?command=sh")));
        tunnel.Status.Should().Be(101);

        await gateway.ReloadAsync(Options(TestCluster.Held("kind", upstream.Url)), _file);

        await tunnel.Duplex.WriteAsync("still"u8.ToArray());
        var echo = new byte[5];
        await tunnel.Duplex.ReadExactlyAsync(echo);
        echo.Should().Equal("still"u8.ToArray());
    }

    [Fact]
    public async Task T112_A_removed_cluster_is_gone_for_new_requests_and_its_connections_close_when_the_last_stream_has_ended()
    {
        await using var removed = await GatedStream.StartAsync(UpstreamProtocol.Http2, "application/json", "last");
        await using var kept = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(Options(TestCluster.Held("kind", kept.Url), TestCluster.Held("removed", removed.Url)));
        await using var caller = await RawClient.ConnectAsync(gateway.Port);
        var watch = await caller.SendAsync(EitherDoor.Backstage.Get("/api/v1/pods?watch=true", "removed"));

        await gateway.ReloadAsync(Options(TestCluster.Held("kind", kept.Url)), _file);

        var response = await gateway.GetAsync(Path, "removed");
        EitherDoor.Backstage.ShouldRefuse(response, 404, "NotFoundError", "NotFound", "Cluster 'removed' not found");
        removed.Send(0);
        (await watch.ReadLineAsync()).Should().Be("last");
        await watch.ReadToEndAsync();
        await removed.WaitForNoConnectionAsync();
    }

    [Fact]
    public async Task B71_A_changed_URL_and_authority_are_used_by_new_requests()
    {
        var authority = new TestCertificates();
        await using var one = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        await using var two = await Http2Upstream.StartAsync(authority.Server().Certificate);
        await using var gateway = await TestGateway.StartAsync(Options(TestCluster.Held("kind", one.Url)));
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(200);

        await gateway.ReloadAsync(Options(TestCluster.Held("kind", two.Url)), _file);
        EitherDoor.Backstage.ShouldBeBadGateway(await gateway.GetAsync(Path, "kind"), "certificate not trusted", two.Port);

        var trusted = TestCluster.Held("kind", two.Url);
        trusted = trusted with { Connection = trusted.Connection with { CertificateAuthority = new PemSource.Inline(new(authority.AuthorityPem)) } };
        await gateway.ReloadAsync(Options(trusted), _file);
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(200);

        one.Requests.Should().ContainSingle();
        two.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task B71_skipTLSVerify_that_a_reload_adds_or_takes_away_counts_for_new_requests()
    {
        await using var upstream = await Http2Upstream.StartAsync(new TestCertificates().Server().Certificate);
        var strict = TestCluster.Held("kind", upstream.Url);
        var lax = strict with { Connection = strict.Connection with { InsecureSkipTlsVerify = true } };
        await using var gateway = await TestGateway.StartAsync(Options(strict));
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(502);

        await gateway.ReloadAsync(Options(lax), _file);
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(200);

        await gateway.ReloadAsync(Options(strict), _file);
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(502, "no connection of the time without checks is used");
        upstream.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task B71_An_authority_file_that_is_replaced_on_disk_is_used_by_new_connections()
    {
        var authority = new TestCertificates();
        var file = _folder.Write("ca.pem", TestCertificates.Shared.AuthorityPem);
        await using var upstream = new RawUpstream(new() { Certificate = authority.Server().Certificate });
        var cluster = TestCluster.Held("kind", upstream.Url);
        cluster = cluster with { Connection = cluster.Connection with { CertificateAuthority = new PemSource.File(file) } };
        await using var gateway = await TestGateway.StartAsync(Options(cluster));
        EitherDoor.Backstage.ShouldBeBadGateway(await gateway.GetAsync(Path, "kind"), "certificate not trusted", upstream.Port, "ca.pem");

        await File.WriteAllTextAsync(file, "half a certif");
        await File.WriteAllTextAsync(file, authority.AuthorityPem);

        await Eventually.BeTrueAsync(async () => (await gateway.GetAsync(Path, "kind")).Status == 200, "the new authority to be used");
    }

    [Fact]
    public async Task An_invalid_reload_keeps_the_last_good_configuration_until_it_is_mended()
    {
        await using var one = new RawUpstream();
        await using var two = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(Options(TestCluster.Held("kind", one.Url)));

        await gateway.ReloadWrongAsync("kubernetes.clusterLocatorMethods: is missing", _file);
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(200);
        one.Requests.Should().ContainSingle();

        await gateway.ReloadAsync(Options(TestCluster.Held("kind", two.Url)), _file);
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(200);
        two.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task What_changed_between_the_reading_and_the_start_is_reloaded()
    {
        await using var upstream = new RawUpstream();
        var options = Options(TestCluster.Held("kind", upstream.Url));
        await File.AppendAllTextAsync(_file, "\n");

        await using var gateway = await TestGateway.StartAsync(options);

        await Eventually.BeTrueAsync(() => gateway.Log.Count(601) > 0, "the configuration is reloaded");
        await gateway.ReloadAsync(options, _file);
        await gateway.ReloadAsync(options, _file);
        gateway.Log.Count(601).Should().Be(3, "each change is taken once");
    }

    [Fact]
    public async Task Changed_rules_and_callers_count_for_new_requests()
    {
        await using var upstream = new RawUpstream();
        var options = Options(TestCluster.Held("kind", upstream.Url));
        await using var gateway = await TestGateway.StartAsync(options);

        await gateway.ReloadAsync(options with { AccessRules = [TestGateway.AllowAll with { Verbs = ["get"] }] }, _file);
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(403, "list was taken away");
        await gateway.ReloadAsync(options with { Auth = new() { Static = [TestGateway.Caller("other", "other-token", "portal")] } }, _file);
        (await gateway.GetAsync(Path, "kind")).Status.Should().Be(401, "the caller is unknown now");

        upstream.Requests.Should().BeEmpty();
    }

    private GatewayOptions Options(params ClusterDefinition[] clusters) => TestGateway.Options(clusters) with { Files = [SourceFile.Of(_file)] };
}
