using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.EndToEndTests.Logins;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.OwnMachines;

/// <summary>From nothing to <c>kubectl --context CLUSTER get pods</c> on somebody's own machine, and what comes after.</summary>
public sealed class PersonTests(Fleet fleet)
{
    [Fact]
    public async Task Somebody_signs_in_with_a_browser_and_kubectl_and_helm_just_work_until_they_sign_out()
    {
        await using var machine = await StartAsync();
        machine.UseChromium("alice");

        var login = (await machine.RunAsync(["login", .. machine.Gateway])).Succeeded();

        login.Output.Should().Contain($"Signed in at {machine.Server} as alice.").And.Contain("Clusters: main.");
        await Eventually.BeTrueAsync(() => File.Exists(machine.Home.PathOf("seen.json")) && File.ReadAllText(machine.Home.PathOf("seen.json")).EndsWith('\n'), "the browser has ended");
        File.ReadAllText(machine.Home.PathOf("seen.json")).Should().Contain("You can close this page");
        File.GetUnixFileMode(machine.Logins.Single()).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await machine.RunAsync("kubeconfig", "--merge")).Succeeded().Output.Should().Contain("main");
        File.ReadAllText(machine.Kubeconfig).Should().NotContain("token");
        (await machine.KubectlAsync("--context main get pods")).Succeeded().Output.Should().Contain("shell");
        (await machine.KubectlAsync("--context main exec shell -- echo hello from the pod")).Succeeded().Output.Should().Be("hello from the pod\n");
        (await ProcessRunner.RunAsync(ExternalTools.Helm.Require(), ["--kube-context", "main", "list", "--all-namespaces"], machine.Environment)).Succeeded();

        (await machine.RunAsync("logout")).Succeeded().Output.Should().Be($"Signed out of {machine.Server}.{Environment.NewLine}");
        machine.Logins.Should().BeEmpty();
        var after = await machine.KubectlAsync("--context main get pods");
        after.ExitCode.Should().NotBe(0);
        after.Errors.Should().Contain($"You are not signed in; run: fairlead login --server {machine.Server}");
    }

    [Fact]
    public async Task Somebody_without_a_browser_types_a_code_on_another_device()
    {
        await using var machine = await StartAsync();
        await using var login = machine.Start(["login", .. machine.Gateway]);
        var page = await login.WaitForLineAsync("https://.*user_code=.*");
        using var browser = new FormBrowser();

        using var end = await browser.WalkAsync(new Uri(page.Value.Trim()), new Dictionary<string, string>(StringComparer.Ordinal) { ["login"] = "bob" });

        (await end.Content.ReadAsStringAsync()).Should().Contain("Sign-in Success");
        (await login.WaitForExitAsync()).Should().Be(0, login.Transcript());
        login.Output.Should().Contain($"Signed in at {machine.Server} as bob.");
        var credential = JsonSerializer.Deserialize<JsonElement>((await machine.RunAsync("credential")).Succeeded().Output);
        TokenAnswer.Decode(credential.GetProperty("status").GetProperty("token").GetString()!, 1).GetProperty("preferred_username").GetString().Should().Be("bob");
        File.ReadAllText(machine.Logins.Single()).Should().Contain("refreshToken");
    }

    [Fact]
    public async Task Several_kubectl_at_once_renew_an_expired_token_once()
    {
        await using var machine = await StartAsync();
        await machine.SignInAsync("alice");
        machine.Expire();

        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => machine.KubectlAsync("--context main get pods")));

        results.Should().AllSatisfy(static result => result.Succeeded().Output.Should().Contain("shell"));
        (machine.Provider.Refreshes, machine.Provider.Revocations).Should().Be((1, 0), machine.Provider.Transcript);
        machine.Expire();
        (await machine.KubectlAsync("--context main get pods")).Succeeded();
        machine.Provider.Refreshes.Should().Be(2, "the next refresh token was kept");
    }

    [Fact]
    public async Task A_login_that_was_taken_back_at_the_provider_is_said_in_words_that_tell_what_to_run()
    {
        await using var machine = await StartAsync();
        await machine.SignInAsync("alice");
        await machine.Provider.RevokeAsync("alice");
        machine.Expire();

        var result = await machine.KubectlAsync("--context main get pods");

        result.ExitCode.Should().NotBe(0);
        result.Errors.Should().Contain("Your login has ended").And.Contain("invalid_grant").And.Contain($"fairlead login --server {machine.Server}");
        (await machine.RunAsync("credential")).Output.Should().BeEmpty();
    }

    [Fact]
    public async Task A_cluster_that_trusts_the_provider_gets_the_persons_own_token()
    {
        KubeApiServer.SkipTestWithout();
        var provider = await Workstation.StartProviderAsync();
        await using var cluster = await KubeApiServer.StartAsync(new TrustedIssuer(provider.Issuer, Workstation.ClientId, provider.AuthorityFile).Flags);
        await using var machine = await Workstation.StartAsync(cluster.Server, cluster.AuthorityPem, new CredentialDefinition.ClientSide("oidc", "oidc"), provider);
        await machine.SignInAsync("alice");

        await Eventually.BeTrueAsync(async () => (await machine.KubectlAsync("--context main auth whoami")).ExitCode == 0, "the API server has the provider's keys");

        (await machine.KubectlAsync("--context main auth whoami")).Succeeded().Output.Should().MatchRegex("Username +alice").And.MatchRegex("Groups +.*devs");
        (await machine.KubectlAsync("--context main get pods")).Errors.Should().Contain("orbidden", "its RBAC decides");
    }

    private async Task<Workstation> StartAsync()
    {
        var cluster = (await fleet.GetAsync(ClusterKind.StandIn)).Cluster;
        return await Workstation.StartAsync(cluster.Server, cluster.AuthorityPem, new CredentialDefinition.ServiceAccountToken(new Secret(cluster.AdminToken)));
    }
}
