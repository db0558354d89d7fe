using AwesomeAssertions;
using Fairlead.Doors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Fairlead.Tests.Doors;

public sealed class CacheHeadersTests
{
    [Fact]
    public void H72_The_four_headers_are_exactly_those_of_the_shipped_server()
    {
        var headers = new HeaderDictionary
        {
            ["Cache-Control"] = new StringValues(["public", "max-age=60"]),
            ["Expires"] = "Fri, 01 Jan 2100 00:00:00 GMT",
            ["Pragma"] = "cache",
            ["X-Accel-Expires"] = "3600",
            ["ETag"] = "\"1\"",
            ["Last-Modified"] = "Thu, 01 Jan 2015 00:00:00 GMT",
        };

        CacheHeaders.Forbid(headers);

        BeForbidden(headers);
        (headers["ETag"], headers["Last-Modified"]).Should().Be((new StringValues("\"1\""), new StringValues("Thu, 01 Jan 2015 00:00:00 GMT")), "F31 keeps them everywhere");
    }

    [Theory]
    [InlineData("public, max-age=60", "private, max-age=60")]
    [InlineData("max-age=60", "private, max-age=60")]
    [InlineData("PUBLIC,Max-Age=60", "private, Max-Age=60")]
    [InlineData("public, s-maxage=600, max-age=60", "private, max-age=60")]
    [InlineData("S-MaxAge = 600 , max-age=60", "private, max-age=60")]
    [InlineData("private, max-age=60", "private, max-age=60")]
    [InlineData("private=\"set-cookie\", max-age=60", "private, max-age=60")]
    [InlineData("no-store", "private, no-store")]
    [InlineData("no-cache, must-revalidate", "private, no-cache, must-revalidate")]
    [InlineData("public", "private")]
    [InlineData("public, immutable, stale-while-revalidate=30", "private, immutable, stale-while-revalidate=30")]
    [InlineData(" , max-age=1,, ", "private, max-age=1")]
    [InlineData("public-ish=1, xpublic", "private, public-ish=1, xpublic")]
    public void H72_F31_A_Services_own_word_is_kept_to_the_caller_alone(string sent, string expected)
    {
        var headers = new HeaderDictionary { ["Cache-Control"] = sent };

        CacheHeaders.Confine(headers);

        headers["Cache-Control"].ToString().Should().Be(expected);
    }

    [Fact]
    public void F31_A_list_of_fields_is_left_out_as_a_whole()
    {
        // RFC 9111 5.2.2.7: private may name several fields; half a quoted string would hide what stands behind it.
        var headers = new HeaderDictionary { ["Cache-Control"] = "private=\"set-cookie, x-user\", max-age=60" };

        CacheHeaders.Confine(headers);

        headers["Cache-Control"].ToString().Should().Be("private, max-age=60");
    }

    [Fact]
    public void F31_Several_lines_count_as_one()
    {
        var headers = new HeaderDictionary { ["Cache-Control"] = new StringValues(["public", "max-age=60", "s-maxage=5, no-transform"]) };

        CacheHeaders.Confine(headers);

        headers["Cache-Control"].Should().Equal("private, max-age=60, no-transform");
    }

    [Fact]
    public void F31_A_Service_that_says_nothing_is_not_cached()
    {
        var headers = new HeaderDictionary { ["Expires"] = "Fri, 01 Jan 2100 00:00:00 GMT", ["ETag"] = "\"1\"" };

        CacheHeaders.Confine(headers);

        BeForbidden(headers);
        headers["ETag"].ToString().Should().Be("\"1\"");
    }

    [Fact]
    public void F31_A_word_to_nginx_alone_is_none_to_the_browser()
    {
        var headers = new HeaderDictionary { ["Cache-Control"] = "max-age=60", ["X-Accel-Expires"] = "3600" };

        CacheHeaders.Confine(headers);

        headers.Should().NotContainKey("X-Accel-Expires");
    }

    private static void BeForbidden(HeaderDictionary headers) =>
        new[] { headers["Cache-Control"], headers["Expires"], headers["Pragma"], headers["X-Accel-Expires"] }.Select(static one => one.ToArray()).Should().BeEquivalentTo(
            new string[][] { ["no-cache, private, max-age=0"], ["Thu, 01 Jan 1970 00:00:00 GMT"], ["no-cache"], ["0"] }, static options => options.WithStrictOrdering());
}
