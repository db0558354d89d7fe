using AwesomeAssertions;
using CsCheck;
using Fairlead.Doors;
using Fairlead.Testing.Access;
using Xunit;

namespace Fairlead.Tests.Doors;

public sealed class RequestValueTests
{
    private static readonly string[] _pieces =
    [
        "/", "/", "%2F", "%2f", ".", "..", "%2E", "%2e%2e", "%252e", "%252f", "%5c", "%255c", "\\", "a", "icon.png", "charts", "?", "%3F", "#", "%23", "&", "%26", "=", "+", "%2B",
        "%20", "%2520", " ", "%25", "%25zz", "%2525", "%zz", "%", "%2", ":", "%3A", "@", "user@host", "http://h", "%c3%a9", "%25c3%25a9", "%ff", "%c0%ae", "%25c0%25ae", "%00", "%0a", "%2500",
        "%250a", "%7f", ";", "%3B", ";x=1", "\"", "<", "|", "é", "[", "]",
    ];

    /// <summary>Runs of the pieces that a value may be made of, good and bad.</summary>
    private static Gen<string> Nasty { get; } = Targets.OneOf(_pieces).Array[0, 10].Select(static pieces => string.Concat(pieces));

    /// <summary>As a plugin sends it: a path, whole in form encoding.</summary>
    private static Gen<string> Encoded { get; } = Targets.Nasty.Select(static text => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal));

    [Theory]
    [InlineData("charts%2Findex.yaml", "/charts/index.yaml")]
    [InlineData("%2Fcharts%2Findex.yaml", "/charts/index.yaml")]
    [InlineData("charts/index.yaml", "/charts/index.yaml")]
    [InlineData("/charts/index.yaml", "/charts/index.yaml")]
    public void H22_A_leading_slash_is_optional(string raw, string expected) => Accepted(raw).Should().Be(expected);

    [Theory]
    [InlineData("search?q=test%26limit=10%26offset=0", "/search?q=test&limit=10&offset=0")]
    [InlineData("%2Fapi%2Fendpoint%3Fparam1%3Dvalue1%26param2%3Dvalue2", "/api/endpoint?param1=value1&param2=value2")]
    [InlineData("api/charts?x=?y", "/api/charts?x=?y")]
    [InlineData("?q=1", "/?q=1")]
    [InlineData("a?", "/a?")]
    public void H23_H24_The_values_own_query_is_the_Services(string raw, string expected) => Accepted(raw).Should().Be(expected);

    [Theory]
    [InlineData("api%2Fsearch%3Fts_query_web%3Dmy+chart", "/api/search?ts_query_web=my%20chart")]
    [InlineData("a+b/c%20d", "/a%20b/c%20d")]
    [InlineData("a%2Bb?c=%2B", "/a+b?c=+")]
    [InlineData("a%22b%3C%3E", "/a%22b%3C%3E")]
    [InlineData("caf%C3%A9?x=%C3%A9", "/caf%C3%A9?x=%C3%A9")]
    [InlineData("%F0%9F%90%99", "/%F0%9F%90%99")]
    [InlineData("a%7Cb%5B0%5D%60%7B%7D%5E", "/a%7Cb%5B0%5D%60%7B%7D%5E")]
    public void H25_What_no_URL_may_hold_is_encoded(string raw, string expected) => Accepted(raw).Should().Be(expected);

    [Theory]
    [InlineData("a%252Fb", "/a%2Fb")]
    [InlineData("a%2520b?x=%252F%2526", "/a%20b?x=%2F%26")]
    [InlineData("100%2525", "/100%25")]
    public void F10_Escapes_of_the_value_itself_stay(string raw, string expected) => Accepted(raw).Should().Be(expected);

    [Theory]
    [InlineData("http://malicious.local")]
    [InlineData("https%3A%2F%2Fexample.com%2Fx")]
    [InlineData("HTTP:x")]
    [InlineData("javascript%3Aalert(1)")]
    [InlineData("//evil.example/path")]
    [InlineData("%2F%2Fevil.example%2Fpath")]
    [InlineData("///evil.example")]
    [InlineData("//user@host/x")]
    [InlineData("http://user:password@host/x")]
    [InlineData("://invalid-request-uri")]
    [InlineData("%3A%2F%2Finvalid-request-uri")]
    [InlineData("a:b/c")]
    public void H26_A_scheme_or_a_host_is_refused(string raw) => Refused(raw);

    [Theory]
    [InlineData("%25zz")]
    [InlineData("a%25")]
    [InlineData("a%252")]
    [InlineData("a?x=%25zz")]
    [InlineData("%zz")]
    [InlineData("a%")]
    [InlineData("%ff")]
    [InlineData("%c0%ae%c0%ae/x")]
    public void H26_A_malformed_escape_is_refused(string raw) => Refused(raw);

    [Theory]
    [InlineData("../secret")]
    [InlineData("..")]
    [InlineData("/..")]
    [InlineData("%2Fa%2F..%2Fb")]
    [InlineData("%252e%252e%2Fx")]
    [InlineData("%252E.%2Fx")]
    [InlineData("/../x")]
    [InlineData("%2e%2e/x")]
    [InlineData("a/..%252fb")]
    [InlineData("a/..;x/b")]
    [InlineData("a/..%253Bx/b")]
    [InlineData("a/%252e/b")]
    [InlineData("a/..%255cb")]
    [InlineData("a/%25c0%25ae%25c0%25ae/b")]
    [InlineData("./../x")]
    public void H27_A_traversal_is_refused_in_every_encoding(string raw) => Refused(raw);

    [Theory]
    [InlineData("a\\b")]
    [InlineData("a%5Cb")]
    [InlineData("%5C%5Cevil.example")]
    [InlineData("a?x=%5C")]
    [InlineData("a%00b")]
    [InlineData("a%0d%0aX: y")]
    [InlineData("a?x=%0a")]
    [InlineData("a%09")]
    [InlineData("a%7f")]
    [InlineData("a%2500b")]
    [InlineData("a%250ab")]
    public void F10_A_backslash_or_a_control_byte_is_refused(string raw) => Refused(raw);

    [Theory]
    [InlineData(".%2Ficon.png", "/icon.png")]
    [InlineData("./icon.png", "/icon.png")]
    [InlineData("a/./b", "/a/b")]
    [InlineData("a/.", "/a/")]
    [InlineData(".", "/")]
    [InlineData("./", "/")]
    [InlineData("a%23frag", "/a")]
    [InlineData("a?x=1%23frag", "/a?x=1")]
    [InlineData("%23frag", "/")]
    [InlineData(".hidden/..b/c.", "/.hidden/..b/c.")]
    public void H28_A_literal_dot_segment_and_a_fragment_are_dropped(string raw, string expected) => Accepted(raw).Should().Be(expected);

    [Theory]
    [InlineData("api%2F", "/api/")]
    [InlineData("a%2F%2Fb", "/a//b")]
    [InlineData("a//b//", "/a//b//")]
    public void H29_Trailing_and_double_slashes_are_kept(string raw, string expected) => Accepted(raw).Should().Be(expected);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("%2F")]
    public void H10_Nothing_is_the_root(string? raw) => Accepted(raw).Should().Be("/");

    [Theory]
    [InlineData("/a:b/c", "/a:b/c")]
    [InlineData("a/b:c", "/a/b:c")]
    [InlineData("a?x=b:c", "/a?x=b:c")]
    [InlineData("user@host", "/user@host")]
    public void F10_A_colon_that_can_begin_no_scheme_is_no_harm(string raw, string expected) => Accepted(raw).Should().Be(expected);

    /// <summary>The cases of the shipped server's own tests for joining a path to a base URL, with the outcomes of F10.</summary>
    [Theory]
    [InlineData("api%2Fv1%2Fdata", "/api/v1/data")]
    [InlineData("", "/")]
    [InlineData("%25zz", null)]
    [InlineData("https%3A%2F%2Fevil.example%2Fsteal", null)]
    [InlineData("%2F%2Fevil.example%2Fsteal", null)]
    [InlineData("..%2Fsecret", null)]
    [InlineData("..%2F..%2Fsecret", null)]
    public void H101_The_shipped_cases_of_joining(string raw, string? expected) => RequestValue.Read(raw, out _).Should().Be(expected);

    /// <summary>What App Catalog sends (contract, section 6).</summary>
    [Theory]
    [InlineData("charts/index.yaml", "/charts/index.yaml")]
    [InlineData("values/my chart/1.0.0+build/values.yaml", "/values/my%20chart/1.0.0+build/values.yaml")]
    [InlineData("icons/a b.svg", "/icons/a%20b.svg")]
    [InlineData(
        "api/v1/packages/search?kind=0&ts_query_web=prometheus&category=4&sort=relevance&facets=true&verified_publisher=true&limit=12&offset=0",
        "/api/v1/packages/search?kind=0&ts_query_web=prometheus&category=4&sort=relevance&facets=true&verified_publisher=true&limit=12&offset=0")]
    [InlineData("api/v1/packages/helm/bitnami/nginx", "/api/v1/packages/helm/bitnami/nginx")]
    [InlineData("api/v1/packages/0-1-2/15.0.0/values", "/api/v1/packages/0-1-2/15.0.0/values")]
    public void H97_What_App_Catalog_sends_arrives(string value, string expected) =>
        Accepted(Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal)).Should().Be(expected);

    [Fact]
    public void F10_A_dropped_dot_segment_leaves_no_host_behind()
    {
        foreach (var raw in new[] { ".//evil.example/x", "/.//evil.example/x", ".%2F%2Fevil.example", "././/evil.example", "/./", "//./x" })
        {
            (RequestValue.Read(raw, out _) ?? "/").Should().NotStartWith("//", "{0} is a path of the Service", raw);
        }
    }

    [Fact]
    public void H27_What_is_accepted_is_a_path_without_any_problem() => Holds(static value =>
        value[0] == '/' && PathCheck.Find(value.Split('?')[0]) is PathProblem.None && !DotSegments.AreIn(value.Split('?')[0]));

    [Fact]
    public void H25_What_is_accepted_has_only_characters_of_a_URL() => Holds(static value =>
        value.All(static c => char.IsAsciiLetterOrDigit(c) || "-._~!$&'()*+,;=:@/%?".Contains(c, StringComparison.Ordinal))
        && Enumerable.Range(0, value.Length).All(i => value[i] != '%' || PercentByte.TryRead(value, i, out _)));

    [Fact]
    public void H26_What_is_accepted_never_begins_with_two_slashes() => Holds(static value => !value.StartsWith("//", StringComparison.Ordinal));

    [Fact]
    public void F10_What_is_accepted_is_a_target_of_its_own() => Holds(static value => RequestTarget.Parse(value, int.MaxValue, out _) is not null);

    [Fact]
    public void F10_There_is_a_value_or_a_refusal_and_never_both() =>
        Nasty.Sample(static raw => RequestValue.Read(raw, out var refusal) is null ? refusal is { Reason: RefusalReason.InvalidTarget } : refusal is null, iter: 20_000);

    [Fact]
    public void F10_A_plain_path_comes_out_as_it_went_in() =>
        Targets.Plain.Sample(
            static path => string.Equals(RequestValue.Read(Uri.EscapeDataString(path), out _), path, StringComparison.Ordinal)
                && string.Equals(RequestValue.Read(path[1..], out _), path, StringComparison.Ordinal),
            iter: 2_000);

    private static void Holds(Func<string, bool> property)
    {
        Nasty.Sample(raw => RequestValue.Read(raw, out _) is not { } value || property(value), iter: 50_000);
        Encoded.Sample(raw => RequestValue.Read(raw, out _) is not { } value || property(value), iter: 20_000);
    }

    private static string? Accepted(string? raw)
    {
        var value = RequestValue.Read(raw, out var refusal);
        refusal.Should().BeNull();
        return value;
    }

    private static void Refused(string raw)
    {
        RequestValue.Read(raw, out var refusal).Should().BeNull();
        refusal!.Reason.Should().Be(RefusalReason.InvalidTarget);
        refusal.Message.Should().StartWith("The query value request ");
    }
}
