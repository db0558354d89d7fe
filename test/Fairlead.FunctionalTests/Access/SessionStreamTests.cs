using AwesomeAssertions;
using Fairlead.FunctionalTests.Callers;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.Access;

/// <summary>Streams end with the login that they were opened by: with a sign-out here or at the provider, and with the token's expiry.</summary>
public sealed class SessionStreamTests : IAsyncDisposable
{
    private readonly List<RawClient> _clients = [];
    private const string Watch = "/clusters/kind/api/v1/namespaces/team/pods?watch=1";
    private const string Exec = "/clusters/kind/api/v1/namespaces/team/pods/web/exec?command=sh";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task T26_Signing_out_ends_a_terminal_and_a_watch(bool atProvider)
    {
        await using var world = await StartAsync();
        var tab = await world.SignedInAsync();
        var other = await world.SignedInAsync(subject: "8", session: "sid-2");
        var terminal = await OpenAsync(world, tab, Exec);
        var others = await OpenAsync(world, other, Exec);
        await using var watch = await RawClient.ConnectAsync(world.Gateway.Port);
        var events = await watch.SendAsync(tab.WithCookies(RawRequest.Get(Watch).With("Sec-Fetch-Site", "same-origin")));
        (await events.ReadLineAsync()).Should().Be("first");

        if (atProvider)
        {
            (await world.Gateway.SendBareAsync(new RawRequest("POST", "/auth/backchannel-logout").With("Host", LoginWorld.Host)
                .With("Content-Type", "application/x-www-form-urlencoded").WithBody("logout_token=" + world.Issuer.LogoutToken()))).Status.Should().Be(200);
        }
        else
        {
            (await tab.FetchAsync("POST", "/auth/logout")).Status.Should().Be(200);
        }

        var close = await WebSocketFrames.ReadAsync(terminal.Duplex);
        close!.CloseCode.Should().Be(1008);
        close.CloseReason.Should().Contain("session has ended");
        await events.ReadToEndAsync();
        events.End.Should().BeOneOf(ResponseEnd.Reset, ResponseEnd.Truncated);
        await WebSocketFrames.WriteAsClientAsync(others.Duplex, WebSocketFrame.OfText("still here"));
        (await WebSocketFrames.ReadAsync(others.Duplex))!.Text.Should().Be("still here", "somebody else's goes on");
    }

    [Fact]
    public async Task T26_A_terminal_that_was_opened_by_a_ticket_ends_with_the_session_that_the_ticket_came_out_of()
    {
        await using var world = await StartAsync();
        var tab = await world.SignedInAsync();
        var issued = await tab.FetchAsync("POST", "/auth/ticket", """{"cluster":"kind","path":"/api/v1/namespaces/team/pods/web/exec"}""");
        var ticket = issued.Json.RootElement.GetProperty("ticket").GetString()!;
        await using var client = await RawClient.ConnectAsync(world.Gateway.Port);
        var terminal = await client.SendAsync(RawRequest.WebSocket("/api/kubernetes/proxy/api/v1/namespaces/team/pods/web/exec?command=sh", $"ticket.fairlead.dev.{ticket}, v5.channel.k8s.io")
            .With("Host", LoginWorld.Host).With("Origin", LoginWorld.Origin));
        terminal.Status.Should().Be(101, terminal.BodyText);

        (await tab.FetchAsync("POST", "/auth/logout")).Status.Should().Be(200);

        (await WebSocketFrames.ReadAsync(terminal.Duplex))!.CloseCode.Should().Be(1008);
    }

    [Fact]
    public async Task T26_A_watch_keeps_no_session_alive_and_a_terminal_in_use_does()
    {
        await using var world = await StartAsync(TimeSpan.FromSeconds(3));
        var tab = await world.SignedInAsync();
        await using var watch = await RawClient.ConnectAsync(world.Gateway.Port);
        var events = await watch.SendAsync(tab.WithCookies(RawRequest.Get(Watch).With("Sec-Fetch-Site", "same-origin")));
        (await events.ReadLineAsync()).Should().Be("first");

        await events.ReadToEndAsync();

        events.End.Should().BeOneOf(ResponseEnd.Reset, ResponseEnd.Truncated);
        (await tab.FetchAsync("GET", "/auth/me")).Status.Should().Be(401);
        var user = await world.SignedInAsync();
        var terminal = await OpenAsync(world, user, Exec);
        var until = DateTimeOffset.UtcNow + TimeSpan.FromSeconds(5);
        while (DateTimeOffset.UtcNow < until)
        {
            await WebSocketFrames.WriteAsClientAsync(terminal.Duplex, WebSocketFrame.OfText("x"));
            (await WebSocketFrames.ReadAsync(terminal.Duplex))!.Text.Should().Be("x");
            await Task.Delay(100);
        }

        (await user.FetchAsync("GET", "/auth/me")).Status.Should().Be(200);
    }

    [Fact]
    public async Task T26_A_token_that_expires_ends_its_streams()
    {
        await using var world = await LoginWorld.StartAsync(static options => options with
        {
            Auth = options.Auth! with
            {
                Jwt = [new Configuration.JwtOptions { Name = "idp", Issuer = options.Auth.Oidc[0].Issuer, Audiences = ["fairlead"], Claims = new Configuration.ClaimOptions { Username = "preferred_username" } }],
            },
            Timeouts = options.Timeouts with { Revocation = TimeSpan.FromMilliseconds(600) },
        });
        world.Upstream.OnConnection(ServeAsync);
        var token = world.Issuer.Token(("exp", DateTimeOffset.UtcNow.AddSeconds(3).ToUnixTimeSeconds()));
        await using var client = await RawClient.ConnectAsync(world.Gateway.Port);
        var terminal = await client.SendAsync(RawRequest.WebSocket(Exec, "v5.channel.k8s.io").With("Host", LoginWorld.Host).WithBearer(token));
        terminal.Status.Should().Be(101, terminal.BodyText);

        var close = await WebSocketFrames.ReadAsync(terminal.Duplex);

        close!.CloseCode.Should().Be(1008);
        close.CloseReason.Should().Contain("expired");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
    }

    private static async Task<LoginWorld> StartAsync(TimeSpan? idle = null)
    {
        var world = await LoginWorld.StartAsync(options => options with
        {
            Timeouts = options.Timeouts with { Revocation = TimeSpan.FromMilliseconds(600) },
            Sessions = options.Sessions with { Idle = idle ?? options.Sessions.Idle },
            AccessRules = [Fairlead.Testing.Gateways.TestGateway.AllowAll with { Groups = ["devs"] }],
        });
        world.Upstream.OnConnection(ServeAsync);
        return world;
    }

    private async Task<RawResponse> OpenAsync(LoginWorld world, BrowserTab tab, string target)
    {
        var client = await RawClient.ConnectAsync(world.Gateway.Port);
        _clients.Add(client);
        var response = await client.SendAsync(tab.WithCookies(RawRequest.WebSocket(target, "v5.channel.k8s.io").With("Origin", LoginWorld.Origin)));
        response.Status.Should().Be(101, response.BodyText);
        return response;
    }

    private static async Task ServeAsync(RawUpstreamConnection connection)
    {
        while (await connection.ReadForwardedAsync() is { } request)
        {
            if (request.Header("Upgrade") is null)
            {
                await connection.WriteAsync(RawAnswer.ChunkedHead(200));
                await connection.WriteAsync(RawAnswer.Chunk("first\n"));
                await connection.PeerClosed;
                return;
            }

            await connection.WriteAsync(WebSocketHandshake.Accept(request, "v5.channel.k8s.io"));
            while (await WebSocketFrames.ReadAsync(connection.Duplex) is { } frame)
            {
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, frame);
            }

            return;
        }
    }
}
