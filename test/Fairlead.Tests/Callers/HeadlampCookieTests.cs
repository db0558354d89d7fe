using AwesomeAssertions;
using CsCheck;
using Fairlead.Callers;
using Fairlead.Configuration;
using Fairlead.Sessions;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Callers;

public sealed class HeadlampCookieTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly HeadlampCookie _cookie;

    public HeadlampCookieTests() => _cookie = new HeadlampCookie(new SealedBox(new BrowserSessionOptions()), _time);

    [Fact]
    public void F41_What_is_written_is_read_for_its_cluster_alone() =>
        Gen.Select(Gen.String[Gen.Char['!', '~'], 1, 9000], Gen.String[Gen.OneOf(Gen.Char['a', 'z'], Gen.Char[".-_ "]), 1, 60]).Sample(
            (token, cluster) =>
            {
                var cookies = Sent(cluster, token);
                return string.Equals(_cookie.Find(cookies, cluster), token, StringComparison.Ordinal) && _cookie.Find(cookies, cluster + ".") is null && !cookies.ToString().Contains(token, StringComparison.Ordinal);
            },
            iter: 200);

    [Fact]
    public void F41_A_token_ends_with_its_time()
    {
        var cookies = Sent("main", "U");
        _cookie.Find(cookies, "main").Should().Be("U");

        _time.Advance(TimeSpan.FromHours(1));

        _cookie.Find(cookies, "main").Should().BeNull();
    }

    [Theory]
    [InlineData("headlamp-auth-main.0=a; headlamp-auth-main.0=b")]
    [InlineData("headlamp-auth-main.1=a")]
    [InlineData("headlamp-auth-mainx.0=a")]
    [InlineData("headlamp-auth-main.0")]
    public void F41_Anything_else_is_no_token(string cookies) => _cookie.Find(cookies, "main").Should().BeNull();

    private StringValues Sent(string cluster, string token)
    {
        var lines = _cookie.Lines(Inbound.AtCluster(), cluster, token, TimeSpan.FromHours(1), "/clusters/x");
        return string.Join("; ", lines.Select(static line => line.Split(';')[0]));
    }
}
