using AwesomeAssertions;
using Fairlead.Sessions;
using Xunit;

namespace Fairlead.Tests.Sessions;

public sealed class TicketTests
{
    [Theory]
    [InlineData("/a/exec", "/a/exec", true)]
    [InlineData("/a/exec", "/a/exec?command=sh", true)]
    [InlineData("/a/exec", "/a/exec/", false)]
    [InlineData("/a/exec", "/a/exe", false)]
    [InlineData("/a/exec", "/a/execx?command=sh", false)]
    [InlineData("/a/exec", "/a%2Fexec", false)]
    [InlineData("/a/exec?command=ls", "/a/exec?command=ls", true)]
    [InlineData("/a/exec?command=ls", "/a/exec?command=sh", false)]
    [InlineData("/a/exec?command=ls", "/a/exec", false)]
    [InlineData("/a/exec?", "/a/exec?command=sh", false)]
    public void B90_A_ticket_is_for_its_path_and_its_query(string path, string target, bool expected) => new Ticket { Cluster = "config/kind", Path = path }.IsFor(target).Should().Be(expected);
}
