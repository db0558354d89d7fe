using AwesomeAssertions;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Paths, queries and the value of <c>request</c> (contract H20 to H30).</summary>
public sealed class ValueTests
{
    private const string Path = "/serviceproxy/default/web";
    private const string Request = "/clusters/main/serviceproxy/default/web?request=";

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H20_Path_and_query_arrive_byte_for_byte(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);

        (await passage.TargetsOfAsync(way, Path + "/a%2Fb//c/?x=1&x=&y", "/clusters/main/serviceproxy/default/web/a%2Fb//c/?x=1&x=&y"))
            .Should().Equal("/a%2Fb//c/?x=1&x=&y", "/a%2Fb//c/?x=1&x=&y");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H21_T104_Dot_segments_and_backslashes_are_refused(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);

        await passage.ShouldRefuseAsync(
            way, 400, from prefix in new[] { Path, "/clusters/main" + Path } from path in new[] { "/../x", "/%2e%2e/x", "/..%2fx", "/a\\b" } select prefix + path);
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H22_A_leading_slash_is_optional(ServiceWay way) =>
        ValuesArriveAsync(way, ("charts%2Findex.yaml", "/charts/index.yaml"), ("%2Fcharts%2Findex.yaml", "/charts/index.yaml"), ("charts/index.yaml", "/charts/index.yaml"));

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H23_The_inner_query_is_decoded_once(ServiceWay way) =>
        ValuesArriveAsync(way, ("search?q=test%26limit=10%26offset=0", "/search?q=test&limit=10&offset=0"));

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H24_Other_parameters_beside_request_are_ignored(ServiceWay way) => ValuesArriveAsync(
        way,
        ("%2Fapi%2Fendpoint%3Fparam1%3Dvalue1%26param2%3Dvalue2&other=1", "/api/endpoint?param1=value1&param2=value2"),
        ("a&b=../c&Request=d&%", "/a"),
        ("a%3Fb%3D..%2Fc%26d%3Dhttp%3A%2F%2Fe", "/a?b=../c&d=http://e"));

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H25_A_plus_is_a_space_and_what_no_URL_may_hold_is_encoded(ServiceWay way) => ValuesArriveAsync(
        way,
        ("api%2Fsearch%3Fts_query_web%3Dmy+chart", "/api/search?ts_query_web=my%20chart"),
        ("a%20b", "/a%20b"),
        ("a%22b%3Fc%3D%22", "/a%22b?c=%22"),
        ("%C3%A9%3Fq%3D%C3%BC", "/%C3%A9?q=%C3%BC"),
        ("a%2520b", "/a%20b"),
        ("a%252Fb%252B", "/a%2Fb%2B"),
        ("a%255Cb", "/a%5Cb"),
        ("a%2Bb%3Fc%3Dd%2Be", "/a+b?c=d+e"));

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H26_Anything_but_a_relative_path_is_refused(ServiceWay way) => ValuesAreRefusedAsync(
        way,
        "http://malicious.local",
        "http%3A%2F%2Fmalicious.local",
        "HTTPS%3A%2F%2Fmalicious.local%2Fx",
        "//evil.example/path",
        "%2F%2Fevil.example%2Fpath",
        "//user@host/x",
        "%2F%2Fuser%40host%2Fx",
        "://invalid-request-uri",
        "%3A%2F%2Finvalid-request-uri",
        "%25zz",
        "a%25",
        "a%252",
        "a%3Fb%3D%25zz",
        "mailto%3Aa",
        "javascript:alert(1)");

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H27_Dot_segments_are_refused_in_every_spelling(ServiceWay way) => ValuesAreRefusedAsync(
        way,
        "../secret",
        "..%2Fsecret",
        "..",
        "%2Fa%2F..%2Fb",
        "%252e%252e%2Fx",
        "%252E.%2Fx",
        "a%2F%252e%252e%252fb",
        "/../x",
        "%2F..%2Fx",
        "a%2F..",
        "a%2F..%3Fb",
        "a%2F..%3B%2Fb",
        "a%5Cb",
        "..%5Csecret",
        "a%0Ab",
        "a%0D%0AX-A%3A+b",
        "a%7Fb",
        "a%250Ab");

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H28_A_literal_dot_segment_and_a_fragment_are_dropped(ServiceWay way) =>
        ValuesArriveAsync(way, (".%2Ficon.png", "/icon.png"), ("./icon.png", "/icon.png"), ("a%23frag", "/a"), ("a%3Fb%23frag", "/a?b"), ("%23frag", "/"));

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H29_Slashes_at_the_end_and_within_are_kept(ServiceWay way) =>
        ValuesArriveAsync(way, ("api%2F", "/api/"), ("a%2F%2Fb", "/a//b"), ("a//b/", "/a//b/"));

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H30_Two_requests_are_refused(ServiceWay way) => ValuesAreRefusedAsync(way, "a&request=b", "a&request=a", "&request=", "a&b=c&request", "a&%72equest=b");

    private static async Task ValuesArriveAsync(ServiceWay way, params (string Value, string Target)[] values)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        foreach (var (value, target) in values)
        {
            (await passage.TargetsOfAsync(way, Request + value, Path + "?request=" + value)).Should().Equal([target, target], value);
        }
    }

    private static async Task ValuesAreRefusedAsync(ServiceWay way, params string[] values)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        await passage.ShouldRefuseAsync(way, 400, from value in values from shape in new[] { Request, Path + "?request=" } select shape + value);
    }
}
