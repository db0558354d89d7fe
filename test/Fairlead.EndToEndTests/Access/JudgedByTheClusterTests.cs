using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.EndToEndTests.Access;

/// <summary>Whom a real kube-apiserver judges, and for how long: impersonated callers, callers' own tokens, streams that outlive a role.</summary>
public sealed class JudgedByTheClusterTests(AuditedApiServer server) : IClassFixture<AuditedApiServer>
{
    private const string Exec = "/api/v1/namespaces/default/pods/shell/exec?command=sh&stdin=true&stdout=true";

    [Fact]
    public async Task T80_The_audit_log_names_the_user_each_group_the_uid_and_the_extras()
    {
        await using var world = await ImpersonationWorld.StartAsync(server);
        var id = Guid.NewGuid().ToString();

        var answer = await world.Gateway.SendBareAsync(RawRequest.Get("/clusters/impersonated/api/v1/namespaces/default/pods").WithBearer(world.Jane).With("Audit-ID", id));

        answer.Status.Should().Be(403, "the cluster has given jane nothing");
        answer.BodyText.Should().Contain("User \\\"jane\\\" cannot list resource");
        var entry = await server.EventAsync(id);
        entry.GetProperty("user").GetProperty("username").GetString().Should().Be($"system:serviceaccount:fairlead:{world.Account}");
        var user = entry.GetProperty("impersonatedUser");
        user.GetProperty("username").GetString().Should().Be("jane");
        user.GetProperty("uid").GetString().Should().Be("7");
        user.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().BeEquivalentTo([.. ImpersonationWorld.JanesGroups, "system:authenticated"]);
        user.GetProperty("extra").GetProperty("example.com/department").EnumerateArray().Select(static value => value.GetString()).Should().Equal("R&D, Größe", "ops");
    }

    [Fact]
    public async Task The_printed_role_is_enough_and_grants_nothing_else()
    {
        await using var world = await ImpersonationWorld.StartAsync(server);
        var account = $"--as=system:serviceaccount:fairlead:{world.Account}";

        (await world.AsAdminAsync($"auth can-i impersonate users/jane {account}")).Should().Be("yes");
        (await world.AsAdminAsync($"auth can-i impersonate groups/team-1 {account}")).Should().Be("yes");
        (await world.AsAdminAsync($"auth can-i impersonate users/admin {account}")).Should().Be("no");
        (await world.AsAdminAsync($"auth can-i impersonate groups/system:masters {account}")).Should().Be("no");
        (await world.AsAdminAsync($"auth can-i list pods --all-namespaces {account}")).Should().Be("no");
        (await world.AsAdminAsync($"auth can-i impersonate userextras.authentication.k8s.io --subresource=other {account}")).Should().Be("no");
    }

    [Fact]
    public async Task What_the_cluster_grants_to_a_group_of_many_holds_for_the_impersonated_caller()
    {
        await using var world = await ImpersonationWorld.StartAsync(server);
        await world.GrantAsync("--verb=list --resource=pods", "--group=team-29");

        await Eventually.BeTrueAsync(async () => (await world.GetAsync("/clusters/impersonated/api/v1/namespaces/default/pods", world.Jane)).Status == 200, "the role is in force");
        (await world.GetAsync("/clusters/impersonated/api/v1/namespaces/default/pods", world.Joe)).Status.Should().Be(404, "nobody impersonates joe");
    }

    [Fact]
    public async Task T81_An_account_that_may_do_more_is_not_used_and_check_says_so()
    {
        await using var world = await ImpersonationWorld.StartAsync(server);
        (await world.CheckAsync()).Should().Contain("config/impersonated  ok");
        await world.GrantAsync("--verb=get --resource=secrets", $"--serviceaccount=fairlead:{world.Account}");
        await Eventually.BeTrueAsync(
            async () => await world.AsAdminAsync($"auth can-i get secrets --as=system:serviceaccount:fairlead:{world.Account}") is "yes", "the role is in force");

        await using var another = await world.AnotherGatewayAsync();
        var answer = await another.SendBareAsync(RawRequest.Get("/clusters/impersonated/api/v1/namespaces/default/pods").WithBearer(world.Jane));

        answer.Status.Should().Be(502);
        (await world.CheckAsync()).Should().Contain("WRONG: the account that impersonates may do more than that (get secrets)");
    }

    [Theory]
    [InlineData("get", false)]
    [InlineData("get,create", true)]
    public async Task H61_T24_Only_create_opens_a_shell_whoever_is_judged(string verb, bool isAllowed)
    {
        await using var world = await ImpersonationWorld.StartAsync(server);
        await world.GrantAsync($"--verb={verb} --resource=pods/exec", "--group=team-3", "--user=bob");
        await Eventually.BeTrueAsync(async () => await world.AsAdminAsync("auth can-i get pods --subresource=exec --as=bob") is "yes", "the role is in force");

        (await OpenAsync(world, "/clusters/own" + Exec, world.BobsOwn)).Should().Be(isAllowed ? 101 : 403);
        (await OpenAsync(world, "/clusters/impersonated" + Exec, world.Jane)).Should().Be(isAllowed ? 101 : 403);
        if (!isAllowed)
        {
            // What the gateway closes on every version: the same role opens a shell at the API server itself before Kubernetes 1.35.
            (await world.OpenDirectAsync(Exec, world.BobsOwn)).Should().Be(await world.MinorVersionAsync() < 35 ? 101 : 403);
        }
    }

    [Fact]
    public async Task T26_T112_A_role_that_is_removed_ends_a_watch_and_a_shell()
    {
        await using var world = await ImpersonationWorld.StartAsync(server);
        await world.GrantAsync("--verb=get,list,watch,create --resource=pods,pods/exec", "--group=team-3", "--user=bob");
        await Eventually.BeTrueAsync(async () => await world.AsAdminAsync("auth can-i watch pods --as=bob") is "yes", "the role is in force");
        await using var shell = await RawClient.ConnectAsync(world.Gateway.Port);
        var opened = await shell.SendAsync(RawRequest.WebSocket("/clusters/impersonated" + Exec, "v5.channel.k8s.io").WithBearer(world.Jane));
        opened.Status.Should().Be(101);
        await using var first = await RawClient.ConnectAsync(world.Gateway.Port);
        await using var second = await RawClient.ConnectAsync(world.Gateway.Port);
        var own = await first.SendAsync(RawRequest.Get("/clusters/own/api/v1/namespaces/default/pods?watch=1").WithBearer(world.BobsOwn));
        var impersonated = await second.SendAsync(RawRequest.Get("/clusters/impersonated/api/v1/namespaces/default/pods?watch=1").WithBearer(world.Jane));
        (own.Status, impersonated.Status).Should().Be((200, 200));
        await using var kubectl = world.Watch();
        await Eventually.BeTrueAsync(() => kubectl.Transcript().Contains("shell", StringComparison.Ordinal), "kubectl watches");

        await world.RevokeAsync();

        (await own.ReadToEndAsync()).End.Should().BeOneOf(ResponseEnd.Reset, ResponseEnd.Truncated);
        (await impersonated.ReadToEndAsync()).End.Should().BeOneOf(ResponseEnd.Reset, ResponseEnd.Truncated);
        while (await WebSocketFrames.ReadAsync(opened.Duplex) is { Opcode: not WebSocketOpcode.Close } frame)
        {
            frame.Opcode.Should().Be(WebSocketOpcode.Binary);
        }

        await kubectl.WaitForExitAsync();
    }

    [Fact]
    public async Task Kubectl_shows_every_refusal_as_a_message_that_can_be_read()
    {
        await using var world = await ImpersonationWorld.StartAsync(server);

        (await world.KubectlAsync("held", world.Jane, "get pods")).Should().Be(
            """Error from server (Forbidden): Unauthorized to list pods in namespace 'default' on cluster 'held' as 'jane': an access rule has to grant it, or send a cluster token of your own; """
            + """a rule that does: {subjects: {users: ["jane"]}, clusters: ["held"], namespaces: ["default"], resources: ["pods"], verbs: ["list"]}""");
        (await world.KubectlAsync("held", world.Jane, "get secrets")).Should().Be(
            "Error from server (Forbidden): Unauthorized to list secrets in namespace 'default' on cluster 'held' as 'jane': access rule 'no secrets' denies it");
        (await world.KubectlAsync("impersonated", world.Jane, "get secrets")).Should().StartWith("Error from server (Forbidden): ").And.EndWith("access rule 'no secrets' denies it");
        (await world.KubectlAsync("impersonated", world.Jane, "get pods")).Should().Be(
            """Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default" """.TrimEnd());
        (await world.KubectlAsync("impersonated", world.Jane, "get pods --as=admin")).Should().StartWith("Error from server (Forbidden): Unauthorized to impersonate");
        // kubectl has words of its own for a 404 while it looks for resources.
        const string NotFound = "Error from server (NotFound): the server could not find the requested resource";
        (await world.KubectlAsync("missing", world.Jane, "get pods")).Should().EndWith(NotFound);
        (await world.KubectlAsync("hidden", world.Jane, "get pods")).Should().EndWith(NotFound);

        await world.GrantAsync("--verb=get --resource=pods,pods/exec", "--group=team-3 --user=bob");
        await Eventually.BeTrueAsync(async () => await world.AsAdminAsync("auth can-i get pods --as=bob") is "yes", "the role is in force");
        (await world.KubectlAsync("impersonated", world.Jane, "exec shell -- sh")).Should().Be(
            """Error from server (Forbidden): pods "shell" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "default" """.TrimEnd(), "it tries SPDY after the WebSocket");
    }

    private static async Task<int> OpenAsync(ImpersonationWorld world, string target, string token) =>
        (await RawClient.ExchangeAsync(world.Gateway.Port, RawRequest.WebSocket(target, "v5.channel.k8s.io").WithBearer(token))).Status;
}
