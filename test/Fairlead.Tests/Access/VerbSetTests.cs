using AwesomeAssertions;
using Fairlead.Access;
using Xunit;

namespace Fairlead.Tests.Access;

public sealed class VerbSetTests
{
    [Fact]
    public void A_set_holds_the_verbs_that_it_names_and_no_other()
    {
        foreach (var verb in VerbSet.Known)
        {
            var set = VerbSet.Of([verb]);

            VerbSet.Known.Where(other => set.Contains(VerbSet.BitOf(other))).Should().Equal(verb);
            set.IsAll.Should().BeFalse();
        }
    }

    [Fact]
    public void All_verbs_together_are_not_every_verb()
    {
        var all = VerbSet.Of(VerbSet.Known);

        all.IsAll.Should().BeFalse();
        all.Contains(VerbSet.BitOf("connect")).Should().BeFalse("a verb that no rule can name is allowed by * only");
        VerbSet.Of(["get", "*"]).Should().Match<VerbSet>(static set => set.IsAll && set.Contains(VerbSet.BitOf("connect")));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("get ")]
    [InlineData("")]
    [InlineData("g*")]
    [InlineData("**")]
    [InlineData("connect")]
    public void What_is_no_verb_means_none(string text)
    {
        var set = VerbSet.Of([text]);

        VerbSet.Known.Append(text).Should().NotContain(verb => set.Contains(VerbSet.BitOf(verb)));
        VerbSet.BitOf(text).Should().Be(0);
    }
}
