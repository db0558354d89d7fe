using AwesomeAssertions;
using CsCheck;
using Fairlead.Audit;
using Xunit;

namespace Fairlead.Tests.Audit;

public sealed class RedactTests
{
    [Theory]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/a?", "/a?")]
    [InlineData("/a?k=SECRET", "/a?k=***")]
    [InlineData("/a?k=", "/a?k=***")]
    [InlineData("/a?SECRET", "/a?=***")]
    [InlineData("/a?a=1&b=2", "/a?a=***&b=***")]
    [InlineData("/a?a=1&&b", "/a?a=***&&=***")]
    [InlineData("/a?command=sh&command=-c&command=SECRET", "/a?command=***&command=***&command=***")]
    [InlineData("/a?k==SECRET=", "/a?k=***")]
    [InlineData("/a?a=1;token=SECRET", "/a?a=***")]
    [InlineData("/a?a=b?token=SECRET", "/a?a=***")]
    [InlineData("/a?x#y=SECRET", "/a?x#y=***")]
    [InlineData("/a?=SECRET", "/a?=***")]
    [InlineData("", "")]
    public void B103_B104_The_keys_of_a_query_stay_and_the_values_go(string target, string expected) => AuditEvent.Redact(target).Should().Be(expected);

    [Fact]
    public void T73_No_value_survives_whatever_stands_around_it() =>
        Gen.Select(Gen.Char["ab=&?;#%+"].Array[0, 8], Gen.Char["ab=&?;#%+"].Array[0, 8]).Sample(static (before, after) =>
        {
            // The value begins after an equals sign, or is a word without one.
            var query = $"/p?{new string(before)}&k=SECRET{new string(after)}";
            return !AuditEvent.Redact(query).Contains("SECRET", StringComparison.Ordinal);
        });
}
