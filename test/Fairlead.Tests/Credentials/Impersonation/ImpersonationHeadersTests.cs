using System.Net;
using System.Text;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Credentials.Impersonation;
using Fairlead.Doors;
using Fairlead.Kubernetes.Connections;
using Xunit;

namespace Fairlead.Tests.Credentials.Impersonation;

/// <summary>What is written for an impersonated user is read by an API server as that user.</summary>
public sealed class ImpersonationHeadersTests
{
    [Fact]
    public void Every_part_has_its_header_and_what_is_not_there_has_none()
    {
        Lines(new ImpersonatedUser("jane", [], null, [])).Should().Equal("Impersonate-User: jane");
        Lines(new ImpersonatedUser("jane", ["devs"], "7", [new("scopes", ["read"])])).Should().Equal(
            "Impersonate-User: jane", "Impersonate-Group: devs", "Impersonate-Uid: 7", "Impersonate-Extra-scopes: read");
    }

    [Theory]
    [InlineData("a, b")]
    [InlineData("a,b")]
    [InlineData(",")]
    [InlineData("\"a\", \"b\"")]
    [InlineData("a; b: c")]
    public void A_comma_is_part_of_a_value_and_every_value_a_line(string value)
    {
        Lines(new ImpersonatedUser(value, [value, "devs", value], null, [new("k", [value, "x"])])).Should().Equal(
            $"Impersonate-User: {value}", $"Impersonate-Group: {value}", "Impersonate-Group: devs", $"Impersonate-Group: {value}", $"Impersonate-Extra-k: {value}", "Impersonate-Extra-k: x");
    }

    [Fact]
    public void What_is_not_ASCII_is_UTF_8() =>
        Lines(new ImpersonatedUser("Jörg", ["größe", "日本"], "𝔘", [])).Should().Equal("Impersonate-User: Jörg", "Impersonate-Group: größe", "Impersonate-Group: 日本", "Impersonate-Uid: 𝔘");

    [Theory]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a\tb")]
    [InlineData("a\r\nImpersonate-Group: system:masters")]
    [InlineData("a\0")]
    [InlineData("a\u007f")]
    [InlineData("a\u0085b")]
    [InlineData("a\ud800")]
    [InlineData("\udc00a")]
    [InlineData("a\ufffd")]
    public void What_no_line_can_carry_is_never_written(string value)
    {
        foreach (var user in new[]
        {
            new ImpersonatedUser(value, [], null, []), new ImpersonatedUser("jane", ["devs", value], null, []), new ImpersonatedUser("jane", [], value, []), new ImpersonatedUser("jane", [], null, [new("k", [value])]),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Make.Url);
            FluentActions.Invoking(() => user.WriteTo(request)).Should().Throw<ArgumentException>();
        }
    }

    [Fact]
    public void Several_lines_keep_the_request_on_HTTP_1_1()
    {
        using var one = new HttpRequestMessage(HttpMethod.Get, Make.Url) { Version = HttpVersion.Version20 };
        using var two = new HttpRequestMessage(HttpMethod.Get, Make.Url) { Version = HttpVersion.Version20 };
        new ImpersonatedUser("jane", ["a"], null, []).WriteTo(one);
        new ImpersonatedUser("jane", ["a", "b"], null, []).WriteTo(two);

        one.Version.Should().Be(HttpVersion.Version20);
        (two.Version, two.VersionPolicy).Should().Be((HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact));
    }

    [Theory]
    [InlineData("scopes", "scopes")]
    [InlineData("example.com/team", "example.com%2Fteam")]
    [InlineData("a b", "a%20b")]
    [InlineData("a%2fb", "a%252fb")]
    [InlineData("a:b", "a%3Ab")]
    [InlineData("ä", "%C3%A4")]
    [InlineData("A", "%41")]
    [InlineData("a-b_c.d~e", "a-b_c.d~e")]
    public void The_key_of_an_extra_is_escaped_where_a_headers_name_needs_it(string key, string escaped) =>
        Lines(new ImpersonatedUser("jane", [], null, [new(key, ["v"])])).Should().Contain($"Impersonate-Extra-{escaped}: v");

    [Fact]
    public void The_server_reads_the_key_that_was_written_whatever_it_is() =>
        Gen.OneOf(Gen.String[Gen.Char[' ', '~'], 1, 20], Gen.String[Gen.Char['\u00a1', '\u2fff'], 1, 10]).Sample(static key =>
        {
            var name = Lines(new ImpersonatedUser("jane", [], null, [new(key, ["v"])]))[1].Split(": ")[0];

            // As apiserver's impersonation filter does: the name in small letters, unescaped once.
            name.Should().MatchRegex("^Impersonate-Extra-[!#$%&'*+.^_`|~0-9A-Za-z-]+$");
            PercentByte.Decode(name.ToLowerInvariant().AsSpan("impersonate-extra-".Length)).Should().Be(key);
        }, iter: 5_000);

    [Fact]
    public void What_a_client_asks_for_arrives_as_it_was_asked()
    {
        var asked = RequestedImpersonation.Read(new Microsoft.AspNetCore.Http.HeaderDictionary
        {
            ["Impersonate-User"] = "jane", ["Impersonate-Group"] = new(["a", "b,c"]), ["Impersonate-Extra-Example.com%2Fteam"] = "x", ["Impersonate-Extra-%41"] = "y",
        });

        asked.Problem.Should().BeNull();
        Lines(asked.User!).Should().BeEquivalentTo(
            "Impersonate-User: jane", "Impersonate-Group: a", "Impersonate-Group: b,c", "Impersonate-Extra-example.com%2Fteam: x", "Impersonate-Extra-%41: y");
    }

    /// <summary>The lines as they go over the wire.</summary>
    private static string[] Lines(ImpersonatedUser user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Make.Url);
        user.WriteTo(request);
        var text = new StringBuilder();
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            var value = values.Should().ContainSingle().Subject;
            text.Append(name).Append(": ").Append(Encoding.UTF8.GetString((HeaderLines.EncodingFor(name, request) ?? Encoding.ASCII).GetBytes(value))).Append("\r\n");
        }

        return text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }
}
