using AwesomeAssertions;
using CsCheck;
using Fairlead.Testing.Access;
using Fairlead.Tests.Doors;
using Xunit;

namespace Fairlead.Tests.Access;

/// <summary>
/// No spelling of a path or a query changes what is decided without changing what the API server is asked for: each request is refused, or the
/// bytes that go on mean to the server what the gateway has judged. The server is a port of Kubernetes' own parser (<see cref="RequestInfo"/>).
/// </summary>
public sealed class RequestInfoModelTests
{
    /// <summary>The treacherous requests, by their place in the table.</summary>
    public static TheoryData<int, string> Treacherous { get; } = new(RequestCases.Treacherous.Select(static (request, index) => (index, request.ToString())));

    [Fact]
    public void T100_T102_No_spelling_of_a_request_means_something_else_to_the_API_server() =>
        Gen.Select(Targets.OneOf([.. DoorReading.Doors]), Spellings.Path, Spellings.Query, Spellings.Method, Gen.Bool).Sample(
            static (door, path, query, method, isUpgrade) => Difference(method, path + query, isUpgrade, door).Should().BeNull(),
            iter: 100_000);

    [Fact]
    public void T115_Many_spellings_are_accepted_as_resources()
    {
        // Without this the property above would hold for a parser that refuses everything.
        var accepted = 0;
        Gen.Select(Spellings.Path, Spellings.Query).Sample(
            (path, query) => DoorReading.Of("GET", path + query, isUpgrade: false)?.Action is not { IsResourceRequest: true } || Interlocked.Increment(ref accepted) > 0,
            iter: 1_000);
        accepted.Should().BePositive();
    }

    [Fact]
    public void T102_Requests_of_every_kind_mean_to_the_API_server_what_they_mean_to_the_gateway()
    {
        foreach (var request in RequestCases.All)
        {
            var read = DoorReading.Of(request.Method, request.Target, request.IsUpgrade);

            read.Should().NotBeNull("{0} is not ambiguous", request);
            read!.Forwarded.Should().Be(request.Target);
            read.Difference(request.Method, request.IsUpgrade).Should().BeNull("of {0}", request);
            if (request.GatewayVerb is { } verb)
            {
                read.Action.Verb.Should().Be(verb, "of {0}", request);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Treacherous))]
    public void T102_A_treacherous_request_is_refused_or_means_the_same_to_the_API_server(int index, string request)
    {
        var (method, target, _) = RequestCases.Treacherous[index];

        Difference(method, target, isUpgrade: false).Should().BeNull("of {0}", request);
    }

    private static string? Difference(string method, string target, bool isUpgrade, string? door = null) => DoorReading.Of(method, target, isUpgrade, door)?.Difference(method, isUpgrade);
}
