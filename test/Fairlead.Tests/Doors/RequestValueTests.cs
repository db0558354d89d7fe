using System.Text;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Doors;
using Xunit;

namespace Fairlead.Tests.Doors;

/// <summary>The value of <c>?request=</c>, with the unit cases of the shipped server's own suite and the statuses of F10.</summary>
public sealed class RequestValueTests
{
    [Theory]
    [InlineData("charts%2Findex.yaml", "/charts/index.yaml")]
    [InlineData("%2Fcharts%2Findex.yaml", "/charts/index.yaml")]
    [InlineData("search?q=test%26limit=10%26offset=0", "/search?q=test&limit=10&offset=0")]
    [InlineData("%2Fapi%2Fendpoint%3Fparam1%3Dvalue1%26param2%3Dvalue2", "/api/endpoint?param1=value1&param2=value2")]
    [InlineData("api%2Fsearch%3Fts_query_web%3Dmy+chart", "/api/search?ts_query_web=my%20chart")]
    [InlineData(".%2Ficon.png", "/icon.png")]
    [InlineData("a%23frag", "/a")]
    [InlineData("api%2F", "/api/")]
    [InlineData("a%2F%2Fb", "/a//b")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    [InlineData("a%2F.%2Fb%2F.", "/a/b/")]
    [InlineData("caf%C3%A9", "/caf%C3%A9")]
    [InlineData("a%2520b", "/a%20b")]
    [InlineData("a%22%3C%3E", "/a%22%3C%3E")]
    [InlineData("x%3Fa%3D..%2Fb", "/x?a=../b")]
    public void H101_S10_A_relative_value_is_joined(string? value, string target)
    {
        RequestValue.Read(value, out var refusal).Should().Be(target);
        refusal.Should().BeNull();
    }

    [Theory]
    [InlineData("http:%2F%2Fmalicious.local")]
    [InlineData("%2F%2Fevil.example%2Fpath")]
    [InlineData("%2F%2Fuser@host%2Fx")]
    [InlineData("://invalid-request-uri")]
    [InlineData("%25zz")]
    [InlineData("%zz")]
    [InlineData("..%2Fsecret")]
    [InlineData("%2F..%2Fx")]
    [InlineData("%2Fa%2F..%2Fb")]
    [InlineData("%252e%252e%2Fx")]
    [InlineData("%252e%2Fx")]
    [InlineData("a%5Cb")]
    [InlineData("a%0Ab")]
    [InlineData("a%2500b")]
    [InlineData("%FF")]
    [InlineData("mailto:x")]
    [InlineData("javascript:alert(1)")]
    [InlineData("a%3Fb%3D%25zz")]
    public void H101_S10_Anything_that_is_not_is_refused(string value)
    {
        RequestValue.Read(value, out var refusal).Should().BeNull();
        refusal!.Reason.Should().Be(RefusalReason.InvalidTarget);
    }

    [Fact]
    public void F10_T115_What_is_accepted_is_always_a_path_that_a_target_may_be() =>
        Gen.String["/.%2eE5cfF:?#+\\ ;é\u0001ab"].Sample(text =>
        {
            var value = Uri.EscapeDataString(new string([.. text.Where(static c => !char.IsSurrogate(c))])).Replace("%20", "+", StringComparison.Ordinal);
            if (RequestValue.Read(value, out var refusal) is not { } target)
            {
                return refusal is not null;
            }

            // It is sent as it stands: the check of every other target has to hold for it, and it must not be taken for an authority.
            return refusal is null && target[0] == '/' && RequestTarget.Parse(target, int.MaxValue, out _) is not null
                && Encoding.ASCII.GetByteCount(target) == target.Length
                && (!target.StartsWith("//", StringComparison.Ordinal) || value.StartsWith('.'));
        });
}
