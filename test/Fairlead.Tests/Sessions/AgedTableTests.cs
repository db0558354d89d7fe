using AwesomeAssertions;
using Fairlead.Callers;
using Fairlead.Sessions;
using Xunit;

namespace Fairlead.Tests.Sessions;

public sealed class AgedTableTests
{
    private readonly AgedTable<int> _table = new();

    public AgedTableTests()
    {
        for (var i = 0; i < 5; i++)
        {
            _table.Add(Key(i), i);
        }
    }

    [Fact]
    public void The_oldest_is_the_one_that_was_not_used_for_longest()
    {
        _table.Use(Key(0));
        _table.RemoveOldest();

        Left().Should().Equal(0, 2, 3, 4);
    }

    [Fact]
    public void The_oldest_go_up_to_the_first_that_stays()
    {
        _table.RemoveOldestWhile(static value => value != 2);
        _table.RemoveOldestWhile(static value => value == 3);

        Left().Should().Equal(2, 3, 4);
    }

    [Fact]
    public void Those_that_are_chosen_go()
    {
        _table.RemoveWhere(static value => value % 2 == 0).Should().Be(3);

        Left().Should().Equal(1, 3);
        _table.Count.Should().Be(2);
    }

    [Fact]
    public void What_is_gone_is_gone()
    {
        _table.Remove(Key(3)).Should().BeTrue();
        _table.Remove(Key(3)).Should().BeFalse();

        _table.RemoveOldestWhile(static _ => true);
        _table.Count.Should().Be(0);
        _table.RemoveWhere(static _ => true).Should().Be(0);
    }

    private static TokenHash Key(int number) => TokenHash.Of(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private int[] Left() => [.. Enumerable.Range(0, 5).Where(i => _table.TryGet(Key(i), out _))];
}
