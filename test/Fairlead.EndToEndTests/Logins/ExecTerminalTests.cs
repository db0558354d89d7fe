using AwesomeAssertions;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>What Backstage's own exec terminal asks of a server, and that it finds a shell behind the gateway (contract S43).</summary>
public sealed class ExecTerminalTests(Fleet fleet)
{
    private const string Exec =
        "/api/kubernetes/proxy/api/v1/namespaces/default/pods/shell/exec?container=main&stdin=true&stdout=true&stderr=true&tty=true&command=%2Fbin%2Fsh";

    [Theory]
    [InlineData(null, "s=strict; l=lax")]
    // Another port of the same host is another origin, but the same site.
    [InlineData("http://127.0.0.1:1", "s=strict; l=lax")]
    [InlineData("http://evil.example", null)]
    public async Task S43_It_opens_one_WebSocket_with_no_more_credentials_than_the_cookies_of_its_own_site(string? origin, string? cookies)
    {
        await using var server = new RawUpstream();
        server.Respond(static _ => RawAnswer.Json(403, "{}"));

        var seen = await ExecTerminal.OpenAsync(new TerminalPage($"http://127.0.0.1:{server.Port}/api/kubernetes", "default", "shell", "main")
        {
            Origin = origin,
            Cookies = [new("s", "strict", "127.0.0.1") { SameSite = "Strict" }, new("l", "lax", "127.0.0.1")],
        });

        seen.Screen.Should().Contain("Socket connection closed");
        seen.Sockets.Should().ContainSingle().Which.Status.Should().BeNull();
        var request = server.Requests.Should().ContainSingle(static request => request.Target.Contains("/exec", StringComparison.Ordinal)).Which;
        request.Target.Should().Be(Exec, "the cluster is not in it");
        request.Header("Upgrade").Should().Be("websocket");
        request.Header("Sec-WebSocket-Protocol").Should().Be("channel.k8s.io");
        request.Header("Origin").Should().Be(origin ?? $"http://127.0.0.1:{server.Port}");
        request.Header("Cookie").Should().Be(cookies);
        request.Header("Authorization").Should().BeNull();
        request.Header("Sec-Fetch-Site").Should().BeNull("Origin alone says whose page it is");
    }

    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task It_finds_a_shell_behind_the_gateway(ClusterKind kind)
    {
        var target = await fleet.GetAsync(kind);
        var (space, pod) = target.Cluster.RunningPod;

        var seen = await ExecTerminal.OpenAsync(new TerminalPage(new Uri(target.GatewayHttp, "/api/kubernetes").AbsoluteUri, space, pod, "main")
        {
            Ambient = TestGateway.Token,
            Type = "echo hello from the pod",
            Until = "hello from the pod",
        });

        seen.Screen.Should().Contain("hello from the pod");
        seen.Sockets.Should().ContainSingle().Which.Status.Should().Be(101);
    }

    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task B92_F36_With_one_cluster_the_cookie_of_a_session_is_all_that_it_needs(ClusterKind kind)
    {
        await using var login = await TerminalLogin.StartAsync(await fleet.GetAsync(kind), "target");

        var seen = await login.OpenAsync("__Host-fairlead-session", "/");

        seen.Screen.Should().Contain("hello from the pod");
        seen.Sockets.Should().ContainSingle().Which.Status.Should().Be(101);
        (await login.OpenAsync("__Host-fairlead-session", "/", "https://evil.example")).Sockets.Should().NotContain(static socket => socket.Status == 101, "a foreign page has no cookie, and no leave");
    }

    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task B92_F36_With_several_clusters_a_ticket_names_one_and_opens_it_once(ClusterKind kind)
    {
        await using var login = await TerminalLogin.StartAsync(await fleet.GetAsync(kind), "target", "another");
        (await login.OpenAsync("__Host-fairlead-session", "/")).Sockets.Should().NotContain(static socket => socket.Status == 101, "nobody says which cluster");
        await login.AskForTicketAsync("target");

        (await login.OpenAsync("__Secure-fairlead-ticket", login.ExecPath)).Screen.Should().Contain("hello from the pod");

        (await login.OpenAsync("__Secure-fairlead-ticket", login.ExecPath)).Sockets.Should().NotContain(static socket => socket.Status == 101, "it was used");
    }
}
