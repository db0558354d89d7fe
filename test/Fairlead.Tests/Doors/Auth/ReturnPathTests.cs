using AwesomeAssertions;
using CsCheck;
using Fairlead.Configuration;
using Fairlead.Doors.Auth;
using Xunit;

namespace Fairlead.Tests.Doors.Auth;

public sealed class ReturnPathTests
{
    private const string Own = "https://own.example";
    private static readonly GatewayOptions _options = new() { BaseUrl = "/gw" };

    [Theory]
    [InlineData(null, "/gw/")]
    [InlineData("", "/gw/")]
    [InlineData("/", "/")]
    [InlineData("/x?y=//z#", null)]
    [InlineData("/x?y=https://evil.example", "/x?y=https://evil.example")]
    [InlineData("https://own.example/x", "/x")]
    [InlineData("https://own.example", null)]
    [InlineData("https://own.example//evil", null)]
    [InlineData("http://own.example/x", null)]
    [InlineData("//evil", null)]
    [InlineData("/\\evil", null)]
    [InlineData("/%2fevil", null)]
    [InlineData("/%5cevil", null)]
    [InlineData("/%09/evil", null)]
    [InlineData("/./evil", null)]
    [InlineData("x", null)]
    public void T71_Only_a_path_of_this_origin_is_one(string? asked, string? expected) => ReturnPath.Of(asked, Own, _options).Should().Be(expected);

    /// <summary>Browsers forgive more than they should: a backslash is a slash to them, and tabs and line breaks are nothing.</summary>
    [Fact]
    public void T71_Whatever_is_accepted_stays_on_this_origin_for_the_most_forgiving_reader() =>
        Gen.String[Gen.OneOf(Gen.Char["/\\%2F5C09:@.?#\t\n "], Gen.Char['a', 'z']), 0, 16].Sample(
            text =>
            {
                if (ReturnPath.Of("/" + text, Own, _options) is not { } path)
                {
                    return true;
                }

                return new[] { path, Uri.UnescapeDataString(path) }.All(static one =>
                {
                    var forgiving = one.Replace('\\', '/').Replace("\t", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
                    return !forgiving.StartsWith("//", StringComparison.Ordinal) && string.Equals(new Uri(new Uri(Own), forgiving).Host, "own.example", StringComparison.Ordinal);
                });
            },
            iter: 100_000);
}
