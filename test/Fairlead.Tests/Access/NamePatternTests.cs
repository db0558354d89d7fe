using System.Text.RegularExpressions;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Access;
using Xunit;

namespace Fairlead.Tests.Access;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("pods", "pods", true)]
    [InlineData("pods", "pods/log", false)]
    [InlineData("pods", "Pods", false)]
    [InlineData("pods", "pod", false)]
    [InlineData("local", "localx", false)]
    [InlineData("pods/*", "pods/log", true)]
    [InlineData("pods/*", "pods", false)]
    [InlineData("pods*", "pods/log", true)]
    [InlineData("*.apps", "deployments.apps", true)]
    [InlineData("*.apps", "deployments.apps/scale", false)]
    [InlineData("*.apps", "deployments.apps.evil.example", false)]
    [InlineData("team-*", "team-", true)]
    [InlineData("team-*", "team-a", true)]
    [InlineData("team-*", "ateam-a", false)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("ab*ba", "aba", false)]
    [InlineData("*ab*ab*", "ab", false)]
    [InlineData("*ab*ab*", "xabab", true)]
    [InlineData("a*b*c", "abc", true)]
    [InlineData("a*b*c", "acb", false)]
    [InlineData("*", "", true)]
    [InlineData("**", "x", true)]
    [InlineData("", "", true)]
    [InlineData("", "x", false)]
    [InlineData("a?c", "abc", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("config/*", "config/prod", true)]
    public void A_star_stands_for_any_run_and_everything_else_for_itself(string pattern, string name, bool expected) =>
        new NamePattern(pattern).Matches(name).Should().Be(expected);

    [Fact]
    public void It_agrees_with_a_regular_expression() =>
        Gen.Select(Gen.Char["ab*"].Array[0, 6], Gen.Char["ab"].Array[0, 8]).Sample(static (pattern, name) =>
        {
            var expression = "^" + string.Join(".*", new string(pattern).Split('*').Select(Regex.Escape)) + "$";
            return new NamePattern(new string(pattern)).Matches(new string(name))
                == Regex.IsMatch(new string(name), expression, RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking, TimeSpan.FromSeconds(5));
        }, iter: 5_000);
}
