using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>Methods (contract F3).</summary>
public abstract class MethodCases(EitherDoor door)
{
    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B05_T103_Methods_that_are_not_served_are_405_with_Allow(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);
        foreach (var method in new[] { "TRACE", "FOO", "trace", "PROPFIND", "GETX", "G", new string('M', 1024) })
        {
            var response = await passage.SendAsync(new RawRequest(method, "/api/v1/namespaces"));

            door.ShouldRefuse(response, 405, "MethodNotAllowedError", "MethodNotAllowed", "GET");
            response.Header("Allow").Should().Be("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T103_A_refusal_of_head_in_another_case_is_whole(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);

        var response = await passage.SendAsync(new RawRequest("hEAD", "/a/../b"));

        response.Status.Should().Be(400);
        response.End.Should().Be(ResponseEnd.Complete);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T103_A_known_method_in_another_case_is_judged_and_sent_in_its_canonical_form(Way way)
    {
        await using var passage = await Passage.StartAsync(
            door,
            way,
            static options => options with { AccessRules = [options.AccessRules[0] with { Verbs = ["get", "patch"] }] });

        foreach (var method in new[] { "get", "pAtCh", "Head", "dElEtE" })
        {
            var response = await passage.SendAsync(new RawRequest(method, "/api/v1/namespaces/n/pods/p"));
            response.Status.Should().Be(method is "dElEtE" ? 403 : 200, method);
        }

        passage.Upstream.Requests.Select(static seen => seen.Method).Should().Equal("GET", "PATCH", "HEAD");
    }
}
