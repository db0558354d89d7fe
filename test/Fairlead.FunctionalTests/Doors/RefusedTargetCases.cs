using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Xunit;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>Request targets that somebody could read in another way than the gateway: refused, and nothing is sent.</summary>
public abstract class RefusedTargetCases(EitherDoor door)
{
    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B12_T40_T104_Dot_segments_are_refused_in_every_spelling(Way way) => await ShouldRefuseAsync(
        way,
        "/..%2f..%2fx",
        "/../x",
        "/%2e%2e/x",
        "/a/./b",
        "/a/.",
        "/a/..",
        "/a/.?x=1",
        "/.%2e/x",
        "/%2E./x",
        "/%2e/x",
        "/a%2f..%2fb",
        "/a%2F%2E%2E",
        "/a/..;/b",
        "/a/..;v=1/b",
        "/a/%2e%2e;/b",
        "/a/..%3b/b",
        "/a%5c..%5cb",
        "/a/..%5cb",
        "/a/%c0%ae%c0%ae/b",
        "/a/%c0%ae/b",
        "/a/%e0%80%ae%e0%80%ae/b",
        "/a/%f0%80%80%ae./b",
        "/a%c0%af..%c0%afb",
        "/../../../clusters/other/api",
        "/api/v1/namespaces/n/services/s/proxy/../../../../secrets",
        "/api/v1/namespaces/n/services/s/proxy/..%2fx",
        "/api/v1/namespaces/../secrets");

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T40_T104_Encoded_control_bytes_are_refused(Way way) => await ShouldRefuseAsync(
        way, "/a%0d%0aX-A:%20b", "/a%0ab", "/a%1f", "/a%7f", "/api/v1/namespaces/n%01/pods", "/api/v1/namespaces/n/pods/p%0D");

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T40_T104_An_encoded_NUL_ends_at_the_server_itself(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);
        foreach (var target in new[] { "/a%00", "/%00", "/api/v1/namespaces/n%00/pods" })
        {
            var response = await passage.GetAsync(target);

            // HTTP/2 has no answer to a malformed request but a stream error (RFC 9113 section 8.1.1).
            response.Status.Should().Be(way.FromHttp2() ? 0 : 400, target);
            response.StreamError.Should().Be(way.FromHttp2() ? 1 : null, target);
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B14_T41_T104_A_backslash_and_a_number_sign_are_refused(Way way) => await ShouldRefuseAsync(
        way, "/a\\b", "/a\\..\\b", "/a#b", "/a?b#c", "#", "/a?b\\c");

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B18_T102_T104_Escapes_that_could_move_a_name_in_a_resource_path_are_refused(Way way) => await ShouldRefuseAsync(
        way,
        "/api/v1/namespaces/a%2Fb",
        "/api/v1/namespaces/a%2fb/pods",
        "/api/v1/namespaces/a%252Fb",
        "/api/v1/namespaces/a%5Cb/pods",
        "/api/v1/namespaces/n/pods/p%2Fexec",
        "/api/v1/namespaces/n/services/a%2Fb/proxy/x",
        "/api/v1/namespaces/n/services/a%252Fb/proxy/x",
        "/api/v1/namespaces//pods",
        "/api/v1//secrets",
        "/api//v1/secrets",
        "//api/v1/secrets",
        "/api%2Fv1/secrets",
        "/%61pi/v1%2Fsecrets",
        "/%2Fapi/v1/secrets",
        "/apis/apps%2Fv1/deployments",
        "/api/v1/namespaces/n%/pods",
        "/api/v1/namespaces/n%zz/pods",
        "/api/v1/namespaces/%FF/pods",
        "/api/v1/namespaces/%C0%AEn/pods");

    private async Task ShouldRefuseAsync(Way way, params string[] targets)
    {
        await using var passage = await Passage.StartAsync(door, way);
        foreach (var target in targets)
        {
            var response = await passage.GetAsync(target);
            response.Status.Should().Be(400, "{0} is refused, and the answer is {1}", target, response);
            door.ShouldRefuse(response, 400, "InputError", "BadRequest", " ");
        }

        passage.ShouldHaveSentNothing();
    }
}
