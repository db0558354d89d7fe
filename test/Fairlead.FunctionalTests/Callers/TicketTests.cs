using AwesomeAssertions;
using Fairlead.Sessions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>One-time tickets for browsers' WebSockets (contract F35 b, F36).</summary>
public sealed class TicketTests
{
    private const string Exec = "/api/v1/namespaces/default/pods/web/exec";
    private const string Door = "/api/kubernetes/proxy";

    public static TheoryData<WireProtocol> Protocols => [.. WireClient.Protocols];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task B90_A_ticket_opens_one_WebSocket_once(WireProtocol protocol)
    {
        await using var world = await LoginWorld.StartAsync();
        world.AcceptWebSockets();
        var issued = await IssueAsync(world, $$"""{"cluster":"kind","path":"{{Exec}}"}""");
        issued.Status.Should().Be(200, issued.BodyText);
        issued.Json.RootElement.GetProperty("expiresInSeconds").GetInt32().Should().Be(30);
        issued.Header("Cache-Control").Should().Contain("no-cache");
        var ticket = issued.Json.RootElement.GetProperty("ticket").GetString()!;

        (await OpenAsync(world, protocol, Handshake(ticket))).Should().Be(protocol is WireProtocol.Http2Tls ? 200 : 101);

        var sent = world.Upstream.Requests.Should().ContainSingle().Subject;
        sent.Header("Sec-WebSocket-Protocol").Should().Be("channel.k8s.io");
        sent.Header("Authorization").Should().Be("Bearer SA");
        sent.ToString().Should().NotContain(ticket);
        (await OpenAsync(world, protocol, Handshake(ticket))).Should().Be(401, "it was used");
        world.Upstream.Requests.Should().ContainSingle();
        string.Join('\n', world.Gateway.Log.Lines).Should().NotContain(ticket);
    }

    [Theory]
    [InlineData("another path")]
    [InlineData("a path below it")]
    [InlineData("another cluster")]
    [InlineData("a foreign origin")]
    [InlineData("no origin")]
    [InlineData("made up")]
    [InlineData("as a parameter")]
    [InlineData("on a GET")]
    public async Task B90_A_ticket_is_good_for_nothing_else(string use)
    {
        await using var world = await LoginWorld.StartAsync();
        world.AcceptWebSockets();
        var ticket = await TicketAsync(world, $$"""{"cluster":"kind","path":"{{Exec}}"}""");
        var request = use switch
        {
            "another path" => Handshake(ticket, Exec.Replace("web", "other", StringComparison.Ordinal)),
            "a path below it" => Handshake(ticket, Exec + "/x"),
            "another cluster" => Handshake(ticket).With("Backstage-Kubernetes-Cluster", "trusting"),
            "a foreign origin" => Handshake(ticket, origin: "http://evil.example"),
            "no origin" => Handshake(ticket, origin: null),
            "made up" => Handshake(OpaqueKey.Create().Reveal()),
            "as a parameter" => RawRequest.WebSocket($"{Door}{Exec}?command=sh&ticket={ticket}", "channel.k8s.io").With("Host", LoginWorld.Host).With("Origin", LoginWorld.Origin),
            _ => RawRequest.Get(Door + Exec).With("Host", LoginWorld.Host).With("Sec-WebSocket-Protocol", $"ticket.fairlead.dev.{ticket}, channel.k8s.io"),
        };

        (await OpenAsync(world, WireProtocol.Http11, request)).Should().Be(use is "a foreign origin" or "no origin" ? 403 : 401);
        world.Upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task F36_The_cookie_names_the_cluster_to_a_page_that_can_send_neither_header_nor_sub_protocol()
    {
        await using var world = await LoginWorld.StartAsync();
        world.AcceptWebSockets();
        var tab = world.Tab();
        var issued = await tab.SendAsync(Asking($$"""{"cluster":"kind","path":"{{Exec}}"}""").With("Sec-Fetch-Site", "same-origin"));
        var line = issued.Header("Set-Cookie")!;
        line.Should().StartWith("__Secure-fairlead-ticket=").And.EndWith($"; Path={Door}{Exec}; HttpOnly; SameSite=Strict; Max-Age=30; Secure");

        var stock = RawRequest.WebSocket($"{Door}{Exec}?container=web&stdin=true&stdout=true&stderr=true&tty=true&command=/bin/sh", "channel.k8s.io").With("Origin", LoginWorld.Origin);
        (await OpenAsync(world, WireProtocol.Http11, tab.WithCookies(stock))).Should().Be(101);
        world.Upstream.Requests.Should().ContainSingle().Which.Headers("Cookie").Should().BeEmpty();
        (await OpenAsync(world, WireProtocol.Http11, tab.WithCookies(stock))).Should().Be(401, "once");
    }

    [Fact]
    public async Task B90_The_clusters_own_token_comes_with_the_ticket()
    {
        await using var world = await LoginWorld.StartAsync();
        world.AcceptWebSockets();

        var ticket = await TicketAsync(world, $$"""{"cluster":"trusting","path":"{{Exec}}"}""", static request => request.With("Backstage-Kubernetes-Authorization-oidc-oidc", "user-token"));
        (await OpenAsync(world, WireProtocol.Http11, Handshake(ticket))).Should().Be(101);
        world.Upstream.Requests[^1].Header("Authorization").Should().Be("Bearer user-token");

        (await IssueAsync(world, $$"""{"cluster":"trusting","path":"{{Exec}}"}""")).Status.Should().Be(401, "that cluster takes the caller's own token");
    }

    [Fact]
    public async Task B90_What_is_not_allowed_is_not_allowed_with_a_ticket()
    {
        await using var world = await LoginWorld.StartAsync(static options => options with { AccessRules = [TestGateway.AllowAll with { Resources = ["pods"] }] });
        world.AcceptWebSockets();
        var ticket = await TicketAsync(world, $$"""{"cluster":"kind","path":"{{Exec}}"}""");

        (await OpenAsync(world, WireProtocol.Http11, Handshake(ticket))).Should().Be(403);
        world.Upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task B90_A_ticket_with_a_query_is_good_for_that_query_only()
    {
        await using var world = await LoginWorld.StartAsync();
        world.AcceptWebSockets();
        var body = $$"""{"cluster":"kind","path":"{{Exec}}?command=ls"}""";

        (await OpenAsync(world, WireProtocol.Http11, Handshake(await TicketAsync(world, body), Exec + "?command=sh"))).Should().Be(401);
        (await OpenAsync(world, WireProtocol.Http11, Handshake(await TicketAsync(world, body), Exec + "?command=ls"))).Should().Be(101);
    }

    [Fact]
    public async Task T72_A_ticket_ends_with_the_session_that_it_came_out_of()
    {
        await using var world = await LoginWorld.StartAsync();
        world.AcceptWebSockets();
        var tab = await world.SignedInAsync();
        var issued = await tab.SendAsync(new RawRequest("POST", "/auth/ticket").With("Sec-Fetch-Site", "same-origin").WithBody($$"""{"cluster":"kind","path":"{{Exec}}"}"""));
        var ticket = issued.Json.RootElement.GetProperty("ticket").GetString()!;
        (await tab.FetchAsync("POST", "/auth/logout")).Status.Should().Be(200);

        (await OpenAsync(world, WireProtocol.Http11, Handshake(ticket))).Should().Be(401);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"cluster":"kind"}""")]
    [InlineData("""{"cluster":"kind","path":"api/v1"}""")]
    [InlineData("""{"cluster":"kind","path":"/../x"}""")]
    [InlineData("""{"cluster":"kind","path":7}""")]
    public async Task A_request_that_is_none_is_400(string body)
    {
        await using var world = await LoginWorld.StartAsync();

        (await IssueAsync(world, body)).Status.Should().Be(400);
    }

    [Fact]
    public async Task T113_One_caller_has_so_many_tickets_at_once_and_others_have_theirs()
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync();
        var body = $$"""{"cluster":"kind","path":"{{Exec}}"}""";
        var answers = new List<RawResponse>();
        for (var i = 0; i < 200 && !answers.Exists(static answer => answer.Status == 429); i++)
        {
            answers.Add(await IssueAsync(world, body));
        }

        answers[^1].Status.Should().Be(429);
        answers[^1].Header("Retry-After").Should().NotBeNull();
        (await tab.SendAsync(new RawRequest("POST", "/auth/ticket").With("Sec-Fetch-Site", "same-origin").WithBody(body))).Status.Should().Be(200);
        (await IssueAsync(world, body.Replace("kind", "trusting", StringComparison.Ordinal))).Status.Should().Be(401);
    }

    [Fact]
    public async Task Tickets_are_for_known_callers_and_known_clusters()
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync();

        (await world.Gateway.SendBareAsync(new RawRequest("POST", "/auth/ticket").With("Host", LoginWorld.Host).WithBody("{}"))).Status.Should().Be(401);
        (await tab.SendAsync(new RawRequest("POST", "/auth/ticket").With("Origin", "http://evil.example").WithBody("{}"))).Status.Should().Be(403);
        (await IssueAsync(world, $$"""{"cluster":"zzz","path":"{{Exec}}"}""")).Status.Should().Be(404);
        (await world.Gateway.SendAsync(RawRequest.Get("/auth/ticket").With("Host", LoginWorld.Host))).Status.Should().Be(405);
    }

    private static RawRequest Handshake(string ticket, string path = Exec, string? origin = LoginWorld.Origin)
    {
        var request = RawRequest.WebSocket(path.Contains('?', StringComparison.Ordinal) ? Door + path : Door + path + "?command=sh", $"ticket.fairlead.dev.{ticket}", "channel.k8s.io").With("Host", LoginWorld.Host);
        return origin is null ? request : request.With("Origin", origin);
    }

    private static async Task<int> OpenAsync(LoginWorld world, WireProtocol protocol, RawRequest request)
    {
        await using var client = await WireClient.ConnectAsync(protocol, protocol is WireProtocol.Http11 ? world.Gateway.Port : world.Gateway.TlsPort);
        return (await (request.Headers.Any(static line => line.Name is "Upgrade") ? client.UpgradeAsync(request) : client.SendAsync(request))).Status;
    }

    private static RawRequest Asking(string body) => new RawRequest("POST", "/auth/ticket").WithBearer(TestGateway.Token).WithBody(body);

    private static Task<RawResponse> IssueAsync(LoginWorld world, string body) => world.Gateway.SendBareAsync(Asking(body).With("Host", LoginWorld.Host));

    private static async Task<string> TicketAsync(LoginWorld world, string body, Func<RawRequest, RawRequest>? change = null)
    {
        var request = Asking(body).With("Host", LoginWorld.Host);
        var response = await world.Gateway.SendBareAsync(change?.Invoke(request) ?? request);
        response.Status.Should().Be(200, response.BodyText);
        return response.Json.RootElement.GetProperty("ticket").GetString()!;
    }
}
