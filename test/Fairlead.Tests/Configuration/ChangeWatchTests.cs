using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Xunit;

namespace Fairlead.Tests.Configuration;

public sealed class ChangeWatchTests
{
    private readonly ChangeWatch _watch = new([Stamp(1)]);

    [Fact]
    public void T111_While_nothing_changes_nothing_is_due()
    {
        _watch.IsDue([Stamp(1)]).Should().BeFalse();
        _watch.IsDue([Stamp(1)]).Should().BeFalse();
    }

    [Fact]
    public void T111_Half_a_file_is_not_taken_and_the_whole_of_it_is_once()
    {
        _watch.IsDue([Stamp(2)]).Should().BeFalse("it may be half of it");
        _watch.IsDue([Stamp(3)]).Should().BeFalse("it was");
        _watch.IsDue([Stamp(3)]).Should().BeTrue();
        _watch.Take([Stamp(3)]);
        _watch.IsDue([Stamp(3)]).Should().BeFalse();
    }

    [Fact]
    public void T111_A_change_that_is_taken_back_is_none()
    {
        _watch.IsDue([Stamp(2)]).Should().BeFalse();
        _watch.IsDue([Stamp(1)]).Should().BeFalse();
        _watch.IsDue([Stamp(1)]).Should().BeFalse();
    }

    [Fact]
    public void T111_A_file_that_is_never_at_rest_is_taken_all_the_same()
    {
        for (var look = 1; look < ChangeWatch.Patience; look++)
        {
            _watch.IsDue([Stamp(1 + look)]).Should().BeFalse();
        }

        _watch.IsDue([Stamp(99)]).Should().BeTrue();
    }

    [Fact]
    public void T111_Files_that_count_from_now_on_are_looked_at_too()
    {
        _watch.IsDue([Stamp(2)]).Should().BeFalse();
        _watch.IsDue([Stamp(2)]).Should().BeTrue();
        _watch.Take([Stamp(2), Stamp(7)]);

        _watch.IsDue([Stamp(2), Stamp(7)]).Should().BeFalse("they were read");
        _watch.IsDue([Stamp(2), Stamp(8)]).Should().BeFalse();
        _watch.IsDue([Stamp(2), Stamp(8)]).Should().BeTrue();
    }

    private static SourceFile Stamp(long length) => new("file", new FileStamp(length, default, null));
}
