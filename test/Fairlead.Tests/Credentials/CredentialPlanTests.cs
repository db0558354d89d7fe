using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Testing.Gateways;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Fairlead.Tests.Credentials;

public sealed class CredentialPlanTests
{
    private static readonly ProviderToken[] _all =
    [
        Header("google", "g"), Header("aks", "a"), Header("oidc-okta", "o"), Header("oidc-gitlab", "l"), Header("pinniped-audience1", "p1"), Header("pinniped-au-b-c-d-e", "p2"),
    ];

    [Theory]
    [InlineData("google", "google", null)]
    [InlineData("AKS", "aks", null)]
    [InlineData("oidc-okta", "oidc", "okta")]
    [InlineData("OIDC-GitLab", "oidc", "gitlab")]
    [InlineData("pinniped-audience1", "pinniped", "audience1")]
    [InlineData("pinniped-au-b-c-d-e", "pinniped", "au-b-c-d-e")]
    [InlineData("oidc-", "oidc", "")]
    public void B40_A_headers_name_holds_the_provider_and_everything_after_the_next_dash(string rest, string provider, string? sub)
    {
        var token = Header(rest, "t");

        (token.Provider, token.Sub).Should().Be((provider, sub));
    }

    [Theory]
    [InlineData("google", null, "Bearer g")]
    [InlineData("aks", null, "Bearer a")]
    [InlineData("oidc", "okta", "Bearer o")]
    [InlineData("oidc", "Okta", "Bearer o")]
    [InlineData("oidc", "gitlab", "Bearer l")]
    public void B38_B39_B40_Only_the_header_of_the_clusters_provider_is_used(string provider, string? sub, string expected) =>
        Own(Make.ClientSide("c", provider, sub), _all).Should().Be(expected);

    [Theory]
    [InlineData("T", "Bearer T")]
    [InlineData("Bearer T", "Bearer T")]
    [InlineData("bearer T", "bearer T")]
    [InlineData("eyJ.a.b==", "Bearer eyJ.a.b==")]
    public void F15_A_scheme_that_is_there_is_not_doubled(string value, string expected) =>
        Own(Make.ClientSide("okta", "oidc", "okta"), [Header("oidc-okta", value)]).Should().Be(expected);

    [Theory]
    [InlineData("google", null, "Backstage-Kubernetes-Authorization-google")]
    [InlineData("aks", null, "Backstage-Kubernetes-Authorization-aks")]
    [InlineData("oidc", "Okta", "Backstage-Kubernetes-Authorization-oidc-okta")]
    [InlineData("passThrough", null, "Backstage-Kubernetes-Authorization")]
    public void B42_B43_B44_A_missing_token_is_asked_for_by_its_exact_header(string provider, string? sub, string header)
    {
        ProviderToken[] others = [Header("oidc-other", "x"), Header("oidc", "x"), Header("google-x", "x"), Header("pinniped", "x")];

        var refusal = Refuse(Make.ClientSide("c", provider, sub), others);

        refusal.Reason.Should().Be(RefusalReason.ClusterTokenRequired);
        refusal.Message.Should().EndWith(" " + header);
    }

    [Fact]
    public void F16_At_the_cluster_door_it_is_Authorization_that_is_missing() =>
        Refuse(Make.ClientSide("c", "google"), [], atClusterDoor: true).Message.Should().EndWith("Authorization").And.NotContain("Backstage");

    [Fact]
    public void F15_An_empty_header_is_none_and_two_are_refused()
    {
        Refuse(Make.ClientSide("c", "google"), [Header("google", "")]).Reason.Should().Be(RefusalReason.ClusterTokenRequired);
        Refuse(Make.ClientSide("c", "google"), [Header("google", new StringValues(["a", "b"]))]).Reason.Should().Be(RefusalReason.InvalidRequest);
    }

    [Theory]
    [InlineData("jane-token")]
    [InlineData("Bearer jane-token")]
    public void F14_A_portal_token_is_no_providers_token(string value)
    {
        var refusal = Refuse(Make.ClientSide("c", "google"), [Header("google", value)]);

        refusal.Reason.Should().Be(RefusalReason.InvalidRequest);
        refusal.Message.Should().NotContain("jane-token");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void B34_F14_The_callers_own_token_wins_over_everything(bool clientSide)
    {
        var cluster = clientSide ? Make.ClientSide("c", "google") : Make.Held("c");

        var plan = CredentialPlan.For(Inbound.AtBackstage(providers: _all), Make.As(Make.Jane, "Bearer own"), cluster, Make.Snapshot(), out _);

        plan.Should().BeOfType<CredentialPlan.Own>().Which.Authorization.Reveal().Should().Be("Bearer own");
    }

    [Theory]
    [InlineData(null, null, true, true)]
    [InlineData(null, "no plugin", true, false)]
    [InlineData("no authority", "no plugin", false, false)]
    [InlineData("no authority", null, false, false)]
    public void T05_Own_tokens_reach_a_cluster_whose_only_fault_is_the_gateways_credential(string? problem, string? credentialProblem, bool own, bool held)
    {
        var definition = TestCluster.Of("c", Make.Url, new CredentialDefinition.Unavailable("exec", credentialProblem)) with { Problem = problem };
        using var cluster = Make.Cluster(definition);

        (CredentialPlan.For(Inbound.AtBackstage(), Make.As(Make.Jane, "Bearer own"), cluster, Make.Snapshot(), out _) is CredentialPlan.Own).Should().Be(own);
        (CredentialPlan.For(Inbound.AtBackstage(), Make.As(Make.Jane), cluster, Make.Snapshot(), out var refusal) is CredentialPlan.Held).Should().Be(held);
        (refusal?.Reason is RefusalReason.ClusterUnusable).Should().Be(!held);
    }

    [Fact]
    public void B33_Providers_headers_do_not_count_where_the_gateway_holds_the_credential() =>
        Plan(Make.Held("kind"), _all, false, out _).Should().BeSameAs(CredentialPlan.Held.Instance);

    [Fact]
    public async Task The_source_gives_what_the_definition_says()
    {
        (await Get(TestCluster.Held("kind", Make.Url).Credential)).Authorization!.Reveal().Should().Be("Bearer SA");
        (await Get(new CredentialDefinition.None("localKubectlProxy"))).Authorization.Should().BeNull();
        (await CredentialSource.For(new CredentialDefinition.Unavailable("aws")).GetAsync(default)).Problem.Should().Contain("aws");
        (await CredentialSource.For(new CredentialDefinition.ClientSide("google", null)).GetAsync(default)).Credential.Should().BeNull();
    }

    private static async Task<UpstreamCredential> Get(CredentialDefinition definition) => (await CredentialSource.For(definition).GetAsync(default)).Credential!;

    private static ProviderToken Header(string rest, StringValues values) => ProviderToken.Parse("backstage-kubernetes-authorization-" + rest, values);

    private static string? Own(Cluster cluster, ProviderToken[] providers) => ((CredentialPlan.Own)Plan(cluster, providers, false, out _)!).Authorization.Reveal();

    private static Refusal Refuse(Cluster cluster, ProviderToken[] providers, bool atClusterDoor = false)
    {
        Plan(cluster, providers, atClusterDoor, out var refusal).Should().BeNull();
        return refusal!;
    }

    private static CredentialPlan? Plan(Cluster cluster, ProviderToken[] providers, bool atClusterDoor, out Refusal? refusal) => CredentialPlan.For(
        atClusterDoor ? Inbound.AtCluster(providers: providers) : Inbound.AtBackstage(providers: providers), Make.As(Make.Jane), cluster, Make.Snapshot(), out refusal);
}
