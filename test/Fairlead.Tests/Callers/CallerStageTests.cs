using AwesomeAssertions;
using Fairlead.Callers;
using Fairlead.Doors;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Fairlead.Tests.Callers;

public sealed class CallerStageTests
{
    private static readonly CallerStage _stage = Make.CallerStage();
    private static readonly CallerDirectory _nobody = new(null);

    [Theory]
    [InlineData("Bearer jane-token")]
    [InlineData("bearer jane-token")]
    [InlineData("bEaReR   jane-token")]
    public void B56_A_portal_token_says_who_calls(string authorization)
    {
        foreach (var request in (InboundRequest[])[Inbound.AtBackstage(authorization), Inbound.AtCluster(authorization)])
        {
            var identified = Identify(request)!;

            identified.Caller.Name.Should().Be("jane");
            identified.OwnAuthorization.Should().BeNull();
        }
    }

    [Fact]
    public void B54_B57_Without_credentials_they_are_missing_whatever_else_was_sent()
    {
        var expected = new Refusal(RefusalReason.MissingCredentials, "Missing credentials");

        Refuse(Inbound.AtBackstage()).Should().Be(expected);
        Refuse(Inbound.AtBackstage(clusterAuthorization: "Bearer own")).Should().Be(expected);
        Refuse(Inbound.AtBackstage(protocols: Inbound.Offering("own"))).Should().Be(expected);
        Refuse(Inbound.AtBackstage(providers: [new("google", null, "g")])).Should().Be(expected);
        Refuse(Inbound.AtCluster()).Should().Be(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer garbage")]
    [InlineData("Bearer jane-token2")]
    [InlineData("Bearer jane-toke")]
    [InlineData("Bearer Jane-Token")]
    [InlineData("jane-token")]
    [InlineData("Basic jane-token")]
    [InlineData("Bearerjane-token")]
    [InlineData("Bearer\tjane-token")]
    [InlineData("Bearer jane-token ")]
    [InlineData("Bearer jane-token, Bearer bob-token")]
    [InlineData("Bearer jane-token bob-token")]
    public void B55_Anything_else_is_an_illegal_token_at_the_Backstage_door(string authorization) =>
        Refuse(Inbound.AtBackstage(authorization)).Should().Be(new Refusal(RefusalReason.IllegalToken, "Illegal token"));

    [Theory]
    [InlineData("Bearer own", "Bearer own")]
    [InlineData("bearer  own", "bearer  own")]
    [InlineData("Bearer eyJ.x-y_z.w==", "Bearer eyJ.x-y_z.w==")]
    public void Decision8_At_the_cluster_door_any_other_token_is_the_callers_own(string authorization, string expected)
    {
        var identified = Identify(Inbound.AtCluster(authorization))!;

        identified.Caller.Should().BeSameAs(Caller.ClusterTokenHolder.Instance);
        identified.OwnAuthorization!.Reveal().Should().Be(expected);
    }

    [Theory]
    [InlineData("own")]
    [InlineData("Basic b3du")]
    [InlineData("Bearer")]
    [InlineData("Bearer a b")]
    [InlineData("Bearer a,b")]
    public void What_is_no_bearer_token_is_illegal_at_the_cluster_door(string authorization) =>
        Refuse(Inbound.AtCluster(authorization)).Reason.Should().Be(RefusalReason.IllegalToken);

    [Theory]
    [InlineData("Bearer user-token")]
    [InlineData("tokenB")]
    [InlineData("Basic dXNlcjpwdw==")]
    public void B34_B35_The_whole_value_is_the_cluster_token(string value)
    {
        var identified = Identify(Inbound.AtBackstage("Bearer jane-token", value))!;

        identified.Caller.Name.Should().Be("jane");
        identified.OwnAuthorization!.Reveal().Should().Be(value);
    }

    [Fact]
    public void B36_An_empty_or_repeated_cluster_token_is_refused()
    {
        Invalid(Inbound.AtBackstage("Bearer jane-token", "")).Should().Contain("Backstage-Kubernetes-Authorization");
        Invalid(Inbound.AtBackstage("Bearer jane-token", new StringValues(["Bearer a", "Bearer b"]))).Should().Contain("more than once");
    }

    [Theory]
    [InlineData("Bearer jane-token")]
    [InlineData("bearer   jane-token")]
    [InlineData("jane-token")]
    [InlineData("Token jane-token")]
    [InlineData("Bearer bob-token")]
    [InlineData("Bearer\tjane-token")]
    [InlineData("Bearer x, Bearer jane-token")]
    [InlineData("Bearer jane-token, Bearer x")]
    [InlineData("Bearer jane-token x")]
    [InlineData("Token token=\"jane-token\"")]
    [InlineData("Basic amFuZTpqYW5lLXRva2Vu")]
    public void B37_F14_A_portal_token_never_goes_on_as_a_cluster_token(string value)
    {
        Invalid(Inbound.AtBackstage("Bearer jane-token", value)).Should().NotContain("jane-token");
        Invalid(Inbound.AtCluster("Bearer jane-token", value)).Should().NotContain("jane-token");
        PortalTokens.RefuseIn(value, Make.Snapshot()).Should().NotBeNull();
    }

    [Fact]
    public void F14_Nor_as_a_bearer_sub_protocol() => Invalid(Inbound.AtBackstage("Bearer jane-token", protocols: Inbound.Offering("bob-token")));

    [Fact]
    public void F6_Two_Authorization_lines_are_refused()
    {
        var twice = new StringValues(["Bearer jane-token", "Bearer jane-token"]);

        Invalid(Inbound.AtBackstage(twice)).Should().Contain("Authorization");
        Invalid(Inbound.AtCluster(twice)).Should().Contain("Authorization");
    }

    [Fact]
    public void B91_Decision12_A_bearer_sub_protocol_brings_the_cluster_token_of_a_portal_caller()
    {
        var identified = Identify(Inbound.AtBackstage("Bearer jane-token", protocols: Inbound.Offering("own")))!;

        identified.Caller.Name.Should().Be("jane");
        identified.OwnAuthorization!.Reveal().Should().Be("Bearer own");
    }

    [Fact]
    public void B91_At_the_cluster_door_it_stands_for_Authorization()
    {
        Identify(Inbound.AtCluster(protocols: Inbound.Offering("own")))!.OwnAuthorization!.Reveal().Should().Be("Bearer own");

        var jane = Identify(Inbound.AtCluster(protocols: Inbound.Offering("jane-token")))!;
        jane.Caller.Name.Should().Be("jane");
        jane.OwnAuthorization.Should().BeNull();
    }

    [Fact]
    public void Decision12_Two_identities_contradict_each_other_at_the_cluster_door()
    {
        Invalid(Inbound.AtCluster("Bearer own", "Bearer other"));
        Invalid(Inbound.AtCluster("Bearer own", protocols: Inbound.Offering("other")));
        Invalid(Inbound.AtCluster("Bearer jane-token", protocols: Inbound.Offering("other")));
        Invalid(Inbound.AtCluster("Bearer jane-token", "Bearer own", protocols: Inbound.Offering("other")));
        Invalid(Inbound.AtBackstage("Bearer jane-token", "Bearer own", protocols: Inbound.Offering("other")));
    }

    [Fact]
    public void A_malformed_bearer_sub_protocol_is_refused() =>
        Invalid(Inbound.AtCluster(protocols: WebSocketProtocols.Parse("base64url.bearer.authorization.k8s.io.!!, x"))).Should().Contain("Sec-WebSocket-Protocol");

    [Fact]
    public void Decision9_Where_nobody_is_configured_only_cluster_tokens_count()
    {
        var identified = Ask(Inbound.AtBackstage("Bearer jane-token", "Bearer own"), _nobody).Identified!;

        identified.Caller.Should().BeSameAs(Caller.ClusterTokenHolder.Instance);
        identified.OwnAuthorization!.Reveal().Should().Be("Bearer own");
        Ask(Inbound.AtBackstage("Bearer jane-token"), _nobody).Identified!.OwnAuthorization.Should().BeNull();
        Ask(Inbound.AtCluster("Bearer jane-token"), _nobody).Identified!.OwnAuthorization!.Reveal().Should().Be("Bearer jane-token");
    }

    private static CallerResult Ask(InboundRequest request, CallerDirectory? directory = null)
    {
        var asked = _stage.IdentifyAsync(request, Make.Snapshot(directory), TestContext.Current.CancellationToken);
        asked.IsCompleted.Should().BeTrue("nothing has to be asked");
        return asked.AsTask().GetAwaiter().GetResult();
    }

    private static Identified? Identify(InboundRequest request)
    {
        var (identified, refusal) = Ask(request);
        refusal.Should().BeNull();
        return identified;
    }

    private static Refusal Refuse(InboundRequest request)
    {
        var (identified, refusal) = Ask(request);
        identified.Should().BeNull();
        return refusal!;
    }

    private static string Invalid(InboundRequest request)
    {
        var refusal = Refuse(request);
        refusal.Reason.Should().Be(RefusalReason.InvalidRequest);
        return refusal.Message;
    }
}
