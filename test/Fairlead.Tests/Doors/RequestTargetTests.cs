using AwesomeAssertions;
using CsCheck;
using Fairlead.Doors;
using Fairlead.Testing.Access;
using Xunit;

namespace Fairlead.Tests.Doors;

public sealed class RequestTargetTests
{
    private const int Limit = 24 * 1024;

    [Theory]
    [InlineData("/")]
    [InlineData("/a%2Fb")]
    [InlineData("/a%252Fb")]
    [InlineData("/a%2520b")]
    [InlineData("/a//b")]
    [InlineData("//a/b")]
    [InlineData("/a%5Cb")]
    [InlineData("/a%ffb")]
    [InlineData("/a%zzb")]
    [InlineData("/a%")]
    [InlineData("/a%2")]
    [InlineData("/a+b")]
    [InlineData("/a%2Bb")]
    [InlineData("/a%7Eb")]
    [InlineData("/a[b]")]
    [InlineData("/a|b")]
    [InlineData("/caf%C3%A9")]
    [InlineData("/a%20b")]
    [InlineData("/a;a=b")]
    [InlineData("/a?")]
    [InlineData("/a?a=/../b")]
    [InlineData("/a?x=|\"<>{}%zz")]
    [InlineData("/a?k=1&k=2&&k=")]
    [InlineData("/a?=&?&;")]
    [InlineData("/a/.../b")]
    [InlineData("/a/..b")]
    [InlineData("/a/b..")]
    [InlineData("/a/.well-known/x")]
    [InlineData("/%252e%252e/x")]
    [InlineData("/a/%25%32%65%25%32%65/x")]
    [InlineData("/a;../b")]
    public void T41_An_accepted_target_goes_on_byte_for_byte(string raw)
    {
        RequestTarget.Parse(raw, Limit, out var refusal)?.Below(0).Should().Be(raw);
        refusal.Should().BeNull();
    }

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("/..")]
    [InlineData("/.")]
    [InlineData("/a/.")]
    [InlineData("/a/./b")]
    [InlineData("/a/..?x")]
    [InlineData("/a/%2e%2e/b")]
    [InlineData("/a/%2E%2e/b")]
    [InlineData("/a/.%2e/b")]
    [InlineData("/a/%2e/b")]
    [InlineData("/a/..%2Fb")]
    [InlineData("/a/%2e%2e%2fb")]
    [InlineData("/a%2f..%2fb")]
    [InlineData("/a%2F%2e%2E")]
    [InlineData("/a/..;/b")]
    [InlineData("/a/..;x=1/b")]
    [InlineData("/a/.;x/b")]
    [InlineData("/a/..%3Bx/b")]
    [InlineData("/a/%2e%2e;x/b")]
    [InlineData("/a/..%5Cb")]
    [InlineData("/a%5C..%5Cb")]
    [InlineData("/a%5c%2e%2e%5cb")]
    [InlineData("/a/%c0%ae%c0%ae/b")]
    [InlineData("/a/%C0%AE./b")]
    [InlineData("/a/.%c0%ae/b")]
    [InlineData("/a/..%c0%afb")]
    [InlineData("/a/..%c1%9cb")]
    [InlineData("/a%c0%af..")]
    [InlineData("/a/%e0%80%ae%e0%80%ae/b")]
    [InlineData("/a/%f0%80%80%ae%f0%80%80%ae/b")]
    [InlineData("/a/%f8%80%80%80%ae%f8%80%80%80%ae/b")]
    [InlineData("/a/%fc%80%80%80%80%ae./b")]
    public void T40_A_dot_segment_in_any_single_decoding_is_refused(string raw) => Refused(raw).Message.Should().Contain("dot segment");

    [Theory]
    [InlineData("/a%00b")]
    [InlineData("/a/..%00/b")]
    [InlineData("/%0d%0aX:y")]
    [InlineData("/a%0A")]
    [InlineData("/a%09b")]
    [InlineData("/a%1fb")]
    [InlineData("/a%7fb")]
    [InlineData("/a%c0%80b")]
    [InlineData("/a%c0%8ab")]
    [InlineData("/a%e0%80%8ab")]
    public void T40_An_encoded_control_byte_is_refused(string raw) => Refused(raw).Message.Should().Contain("control byte");

    [Theory]
    [InlineData("/a\\b")]
    [InlineData("/a\\..\\b")]
    [InlineData("/a#frag")]
    [InlineData("/a?x#frag")]
    [InlineData("/a b")]
    [InlineData("/a\tb")]
    [InlineData("/a\0b")]
    [InlineData("/a\u007fb")]
    [InlineData("/caf\u00e9")]
    [InlineData("/a\uff0e\uff0e/b")]
    [InlineData("/a?x=\u00e9")]
    [InlineData("/a?x=\\")]
    public void T41_A_byte_that_no_target_may_hold_is_refused(string raw) => Refused(raw);

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("a/b")]
    [InlineData("?x")]
    [InlineData("http://gateway/clusters/c/a%2Fb")]
    [InlineData("gateway:443")]
    public void T42_T101_Only_the_origin_form_is_accepted(string raw) => Refused(raw).Message.Should().Contain("origin form");

    [Fact]
    public void T105_The_limit_itself_is_accepted_and_one_byte_more_is_too_long()
    {
        RequestTarget.Parse("/" + new string('a', 99), 100, out var refusal).Should().NotBeNull();
        refusal.Should().BeNull();

        RequestTarget.Parse("/" + new string('a', 100), 100, out refusal).Should().BeNull();
        refusal!.Reason.Should().Be(RefusalReason.TargetTooLong);
    }

    [Theory]
    [InlineData("/p/proxy/api/v1", 8, "/api/v1")]
    [InlineData("/p/proxy/", 8, "/")]
    [InlineData("/p/proxy", 8, "/")]
    [InlineData("/p/proxy?watch=1", 8, "/?watch=1")]
    [InlineData("/p/proxy?", 8, "/?")]
    [InlineData("/p/proxy//c//d?", 8, "//c//d?")]
    [InlineData("/p/proxy/a%2Fb?x=%20+&", 8, "/a%2Fb?x=%20+&")]
    public void The_upstream_gets_what_stands_below_the_door(string raw, int prefix, string expected) => Inbound.Target(raw).Below(prefix).Should().Be(expected);

    [Fact]
    public void T41_A_query_of_10001_parameters_goes_on_unchanged()
    {
        var raw = "/a?" + string.Join('&', Enumerable.Repeat("k", 10_001));

        Inbound.Target(raw).Below(0).Should().Be(raw);
    }

    [Fact]
    public void T115_Whatever_is_accepted_prints_back_to_the_same_bytes() =>
        Targets.Any.Sample(static raw =>
        {
            var target = RequestTarget.Parse(raw, Limit, out var refusal);
            return target is null
                ? refusal is not null
                : refusal is null && string.Equals(target.Below(0), raw, StringComparison.Ordinal)
                    && string.Equals($"{target.Path}{target.Query}", raw, StringComparison.Ordinal);
        }, iter: 20_000);

    [Fact]
    public void T115_Nothing_that_is_accepted_has_a_dot_segment_in_any_single_decoding() =>
        Targets.Nasty.Sample(static raw => RequestTarget.Parse(raw, Limit, out _) is not { } target || !DotSegments.AreIn(target.Path.ToString()), iter: 50_000);

    [Fact]
    public void T115_Most_targets_of_plain_segments_are_accepted()
    {
        // Without this the two properties above would hold for a parser that refuses everything.
        var accepted = 0;
        Targets.Plain.Sample(raw => RequestTarget.Parse(raw, Limit, out _) is not null && Interlocked.Increment(ref accepted) > 0, iter: 1_000);
        accepted.Should().BePositive();
    }

    private static Refusal Refused(string raw)
    {
        RequestTarget.Parse(raw, Limit, out var refusal).Should().BeNull();
        refusal!.Reason.Should().Be(RefusalReason.InvalidTarget);
        return refusal;
    }
}
