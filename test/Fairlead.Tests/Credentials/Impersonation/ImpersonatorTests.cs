using AwesomeAssertions;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials.Impersonation;
using Xunit;

namespace Fairlead.Tests.Credentials.Impersonation;

/// <summary>Who is impersonated and as whom: lists, maps, reserved names.</summary>
public sealed class ImpersonatorTests
{
    private static readonly ImpersonationDefinition _nobody = new() { Users = [] };

    [Theory]
    [InlineData("jane", "jane", true)]
    [InlineData("jane", "Jane", false)]
    [InlineData("jane", "jane2", false)]
    [InlineData("j*", "jane", false)]
    [InlineData("j*", "j*", true)]
    [InlineData("*", "jane", true)]
    [InlineData("*", "*", true)]
    [InlineData("*", "systems:x", true)]
    [InlineData("*", "system:x", false)]
    [InlineData("*", "SyStEm:x", false)]
    [InlineData("system:x", "system:x", false)]
    public void A_user_is_listed_exactly_or_with_everybody_and_never_reserved(string listed, string name, bool expected)
    {
        var user = Impersonator.For(new Caller.Portal(name, []), _nobody with { Users = [listed] }, out var problem);

        (user?.Name).Should().Be(expected ? name : null);
        (problem is null).Should().Be(expected);
    }

    [Theory]
    [InlineData("devs", "devs", true)]
    [InlineData("devs", "Devs", false)]
    [InlineData("d*", "devs", false)]
    [InlineData("*", "devs", true)]
    [InlineData("ops", "devs", false)]
    public void A_group_goes_along_where_it_is_listed_exactly_or_all_are(string listed, string group, bool expected) =>
        Impersonator.For(new Caller.Portal("jane", [group]), _nobody with { Users = ["jane"], Groups = [listed] }, out _)!.Groups.Should().Equal(expected ? [group] : []);

    [Theory]
    [InlineData("system:masters")]
    [InlineData("system:authenticated")]
    [InlineData("system:")]
    [InlineData("System:Masters")]
    public void A_reserved_group_is_refused_rather_than_dropped_even_where_it_is_listed(string group)
    {
        Impersonator.For(new Caller.Portal("jane", ["devs", group]), _nobody with { Users = ["jane"], Groups = [group, "*"] }, out var problem).Should().BeNull();
        problem.Should().Contain($"'{group}'").And.Contain("impersonation.groupMap");
        Impersonator.For(new Caller.Portal("jane", ["devs", group]), _nobody with { Users = ["jane"] }, out _).Should().BeNull("it says something about the issuer");
    }

    [Fact]
    public void A_map_goes_before_a_list_and_leads_to_reserved_names_too()
    {
        var rules = _nobody with
        {
            Users = ["*"], Groups = ["*"], UserMap = Map(("jane", "j@corp"), ("ci", "system:serviceaccount:a:b"), ("system:x", "x")), GroupMap = Map(("admins", "system:masters"), ("system:nodes", "machines")),
        };

        Impersonator.For(new Caller.Portal("jane", ["devs", "admins"]), rules, out _).Should().Match<ImpersonatedUser>(static user => user.Name == "j@corp" && user.Groups.SequenceEqual(new[] { "devs", "system:masters" }));
        Impersonator.For(new Caller.Portal("ci", []), rules, out _)!.Name.Should().Be("system:serviceaccount:a:b");
        Impersonator.For(new Caller.Portal("system:x", ["system:nodes"]), rules, out _).Should().Match<ImpersonatedUser>(static user => user.Name == "x" && user.Groups.SequenceEqual(new[] { "machines" }));
        Impersonator.For(new Caller.Portal("Jane", ["Admins"]), rules, out _).Should().Match<ImpersonatedUser>(static user => user.Name == "Jane" && user.Groups.SequenceEqual(new[] { "Admins" }), "maps are exact");
    }

    [Fact]
    public void What_is_mapped_is_not_mapped_again()
    {
        var rules = _nobody with { UserMap = Map(("a", "b"), ("b", "c")), GroupMap = Map(("a", "b"), ("b", "c")) };

        Impersonator.For(new Caller.Portal("a", ["a"]), rules, out _).Should().Match<ImpersonatedUser>(static user => user.Name == "b" && user.Groups.SequenceEqual(new[] { "b" }));
    }

    [Fact]
    public void Who_holds_a_clusters_token_is_not_impersonated()
    {
        var rules = _nobody with { Users = ["*"], UserMap = Map(("jane", "root")) };

        Impersonator.Knows(Caller.ClusterTokenHolder.Instance, rules).Should().BeFalse();
        Impersonator.Knows(new Caller.ClusterTokenHolder(new ClusterUser("jane", [])), rules).Should().BeFalse();
        Impersonator.Knows(Make.Jane, rules).Should().BeTrue();
        Impersonator.Knows(new Caller.Portal("bob", []), rules with { Users = [] }).Should().BeFalse();
    }

    [Fact]
    public void Extras_are_the_claims_that_are_asked_for_and_there()
    {
        var caller = Make.Jane with { Claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["team"] = ["a", "b, c"], ["empty"] = [], ["other"] = ["x"] } };

        var user = Impersonator.For(caller, _nobody with { Users = ["jane"], Extras = Map(("example.com/team", "team"), ("e", "empty"), ("m", "missing")) }, out _)!;

        user.Extras.Should().ContainSingle().Which.Key.Should().Be("example.com/team");
        user.Extras[0].Value.Should().Equal("a", "b, c");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData(" a")]
    [InlineData("a\ud800")]
    public void A_value_that_no_header_can_carry_refuses_the_whole_user(string value)
    {
        var rules = _nobody with { Users = ["*"], Groups = ["*"], Extras = Map(("k", "team")) };
        var claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["team"] = ["a", value] };

        foreach (var caller in new[] { new Caller.Portal(value, []), new Caller.Portal("jane", ["a", value]), new Caller.Portal("jane", []) { Uid = value }, new Caller.Portal("jane", []) { Claims = claims } })
        {
            Impersonator.For(caller, rules, out var problem).Should().BeNull();
            problem.Should().Contain("no header can carry");
        }

        Impersonator.For(new Caller.Portal("jane", []) { Uid = value }, rules with { SendsUid = false }, out _).Should().NotBeNull("what is not sent is in nobody's way");
    }

    private static Dictionary<string, string> Map(params (string From, string To)[] pairs) => pairs.ToDictionary(static pair => pair.From, static pair => pair.To, StringComparer.Ordinal);
}
