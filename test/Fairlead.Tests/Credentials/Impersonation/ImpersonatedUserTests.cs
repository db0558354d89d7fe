using AwesomeAssertions;
using CsCheck;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials.Impersonation;
using Xunit;

namespace Fairlead.Tests.Credentials.Impersonation;

/// <summary>As whom a caller arrives, and that no two of them are taken for one.</summary>
public sealed class ImpersonatedUserTests
{
    private static readonly ImpersonationDefinition _rules = new() { Users = ["jane", "*"], Groups = ["devs", "*"], Extras = new Dictionary<string, string>(StringComparer.Ordinal) { ["team"] = "team" } };

    [Fact]
    public void Two_users_have_the_same_key_only_where_they_are_the_same()
    {
        var parts = Gen.String[Gen.Char['a', 'c'], 0, 3].Array[0, 3];
        var user = Gen.Select(Gen.String[Gen.Char['a', 'c'], 1, 3], parts, Gen.Bool, parts).Select(static (name, groups, hasUid, values) =>
            new ImpersonatedUser(name, groups, hasUid ? name : null, values.Length == 0 ? [] : [new("k", values)]));

        Gen.Select(user, user).Sample(static (one, other) => one.Key.Equals(other.Key).Should().Be(string.Equals(Print(one), Print(other), StringComparison.Ordinal)), iter: 20_000);
    }

    [Theory]
    [InlineData("system:admin")]
    [InlineData("SYSTEM:Admin")]
    [InlineData("system:")]
    public void T04_A_reserved_name_is_nobody(string name)
    {
        Impersonator.For(new Caller.Portal(name, []), _rules, out var problem).Should().BeNull();
        problem.Should().NotBeNull();
    }

    [Fact]
    public void T04_A_reserved_group_is_nobody_unless_it_is_mapped()
    {
        var caller = new Caller.Portal("jane", ["devs", "system:masters"]);

        Impersonator.For(caller, _rules, out var problem).Should().BeNull();
        problem.Should().Contain("groupMap");
        Impersonator.For(caller, _rules with { GroupMap = new Dictionary<string, string>(StringComparer.Ordinal) { ["system:masters"] = "viewers" } }, out _)!.Groups.Should().Equal("devs", "viewers");
    }

    [Fact]
    public void Only_listed_groups_go_along()
    {
        var user = Impersonator.For(new Caller.Portal("jane", ["devs", "ops", "Devs"]) { Uid = "7", Claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["team"] = ["a", "b,c"], ["other"] = ["x"] } }, _rules with { Groups = ["devs"] }, out _)!;

        user.Groups.Should().Equal("devs");
        user.Uid.Should().Be("7");
        user.Extras.Should().ContainSingle().Which.Value.Should().Equal("a", "b,c");
        Impersonator.For(new Caller.Portal("jane", []) { Uid = "7" }, _rules with { SendsUid = false }, out _)!.Uid.Should().BeNull();
    }

    [Fact]
    public void T04_What_would_not_fit_is_refused_whole()
    {
        Impersonator.For(new Caller.Portal("jane", [.. Enumerable.Range(0, Impersonator.MostValues + 1).Select(static number => $"g{number}")]), _rules, out var many).Should().BeNull();
        many.Should().Contain("more than");
        Impersonator.For(new Caller.Portal("jane", [new string('g', 60_000)]), _rules, out var length).Should().BeNull();
        length.Should().Contain("too long");
    }

    [Fact]
    public void The_same_caller_is_worked_out_once_and_another_is_another()
    {
        var callers = new ImpersonatedCallers(_rules);
        var jane = new Caller.Portal("jane", ["devs"]);

        callers.PlanFor(jane, out _).Should().BeSameAs(callers.PlanFor(jane, out _));
        callers.PlanFor(jane with { Groups = ["ops"] }, out _)!.User.Groups.Should().Equal("ops");
        callers.PlanFor(new Caller.Portal("system:x", []), out var problem).Should().BeNull();
        problem.Should().NotBeNull();
    }

    private static string Print(ImpersonatedUser user) =>
        System.Text.Json.JsonSerializer.Serialize(new { user.Name, user.Groups, user.Uid, Extras = user.Extras.Select(static extra => new { extra.Key, extra.Value }) });
}
