using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>The documented sizes of a request (decision 29): up to them everything passes, beyond them nothing does.</summary>
public abstract class LimitCases(EitherDoor door)
{
    private const int LineLimit = 24 * 1024;

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T105_A_target_of_exactly_24_KiB_passes(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);

        var response = await passage.GetAsync(PathFor(LineLimit));

        response.Status.Should().Be(200);
        (door.Prefix().Length + passage.Upstream.Single.Target.Length).Should().Be(LineLimit);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T105_A_target_of_one_byte_more_is_414(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);

        var response = await passage.GetAsync(PathFor(LineLimit + 1));

        door.ShouldRefuse(response, 414, "InputError", "BadRequest", "24576");
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T105_A_configured_limit_holds_for_the_target(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way, static options => options with { Limits = options.Limits with { RequestLine = 100 } });

        (await passage.GetAsync(PathFor(100))).Status.Should().Be(200);
        (await passage.GetAsync(PathFor(101))).Status.Should().Be(414);

        passage.Upstream.Requests.Should().ContainSingle();
    }

    [Theory]
    [InlineData(Way.Http11ToHttp11)]
    [InlineData(Way.Http11TlsToHttp2)]
    public async Task T105_A_request_line_far_beyond_the_limit_is_a_bare_414(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);

        var response = await passage.GetAsync(PathFor(60 * 1024));

        response.Status.Should().Be(414);
        response.Header("Connection").Should().Be("close");
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T64_Headers_of_nearly_64_KiB_pass(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);

        var response = await passage.SendAsync(WithHeaders(15));

        response.Status.Should().Be(200);
        Enumerable.Range(0, 15).Should().OnlyContain(i => passage.Upstream.Single.Header($"X-Fill-{i}")!.Length == 4096);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T64_Headers_beyond_64_KiB_are_431(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);

        var response = await passage.SendAsync(WithHeaders(16));

        response.Status.Should().Be(431);
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData(Way.Http11ToHttp11)]
    [InlineData(Way.Http11TlsToHttp2)]
    public async Task T64_More_than_a_hundred_header_lines_are_431(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);
        var request = RawRequest.Get("/api");
        for (var i = 0; i < 1000; i++)
        {
            request = request.With("X-" + i, "1");
        }

        var response = await passage.SendAsync(request);

        response.Status.Should().Be(431);
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T105_Bytes_outside_ASCII_in_a_header_are_400(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);

        var utf8 = await passage.SendAsync(RawRequest.Get("/api").With("X-Name", "\u00C3\u00A4"));
        var latin1 = await passage.SendAsync(RawRequest.Get("/api").With("X-Name", "\u00E4"));

        door.ShouldRefuse(utf8, 400, "InputError", "BadRequest", "outside ASCII");
        // The server itself refuses what is not UTF-8: on HTTP/2 by an error instead of an answer (RFC 9113 section 8.1.1).
        latin1.Status.Should().Be(way.FromHttp2() ? 0 : 400);
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task F4_A_configured_body_limit_is_413_with_and_without_a_length(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way, static options => options with { Limits = options.Limits with { RequestBody = 1000 } });
        var request = new RawRequest("POST", "/api/v1/namespaces/n/pods");

        (await passage.SendAsync(request with { Body = new byte[1000] })).Status.Should().Be(200);
        (await passage.SendAsync(request with { Body = new byte[900], Chunked = true })).Status.Should().Be(200);
        var declared = await passage.SendAsync(request with { Body = new byte[1001] });
        var chunked = await passage.SendAsync(request with { Body = new byte[1001], Chunked = true });

        door.ShouldRefuse(declared, 413, "PayloadTooLargeError", "RequestEntityTooLarge", "limit");
        door.ShouldRefuse(chunked, 413, "PayloadTooLargeError", "RequestEntityTooLarge", "limit");
    }

    private static RawRequest WithHeaders(int count)
    {
        var request = RawRequest.Get("/api/v1/namespaces");
        for (var i = 0; i < count; i++)
        {
            request = request.With($"X-Fill-{i}", new string('f', 4096));
        }

        return request;
    }

    private string PathFor(int targetLength)
    {
        const string path = "/api/v1/pods?a=";
        return path + new string('x', targetLength - door.Prefix().Length - path.Length);
    }
}
