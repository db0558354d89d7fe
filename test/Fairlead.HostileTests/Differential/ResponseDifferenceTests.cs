using System.Globalization;
using System.Text.RegularExpressions;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Differential;

/// <summary>The same generated answer, given directly and through the gateway: what comes back is the same, less what is documented.</summary>
public sealed partial class ResponseDifferenceTests(ITestOutputHelper output)
{
    private static readonly int _rounds = Environment.GetEnvironmentVariable("FAIRLEAD_SOAK") is "1" ? 10_000 : 150;

    /// <summary>Each door and protocol, by the caller's token.</summary>
    public static TheoryData<DoorName, WireProtocol> Ways { get; } = [.. HostileWays.Bearer.Select(static way => new TheoryDataRow<DoorName, WireProtocol>(way.Door, way.Protocol))];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task T115_What_comes_back_through_the_gateway_is_what_was_answered(DoorName door, WireProtocol protocol)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FAIRLEAD_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 20_260_102;
        output.WriteLine($"seed {seed}, {_rounds} rounds");
        var way = new HostileWay(door, protocol, LoginName.Bearer);
        await using var world = await HostileWorld.StartAsync();
        await using var direct = new RawUpstream();
        var generator = new AnswerGenerator(new Random(seed));
        RawAnswer next = "";
        world.Upstream.Respond(_ => next);
        direct.Respond(_ => next);
        await using var client = await world.ConnectAsync(way);
        await using var directClient = await RawClient.ConnectAsync(direct.Port);
        var request = RawRequest.Get("/x/y");
        var passed = 0;
        for (var round = 0; round < _rounds; round++)
        {
            next = generator.Next();
            var expected = await (await directClient.SendAsync(request)).ReadToEndAsync();
            var response = await (await client.SendAsync(world.Request(way, request))).ReadToEndAsync();

            var reason = $"round {round} of seed {seed} at {way}:\n{expected.StatusLine}\n{expected.HeaderLines}\n\ncame back as\n{response.StatusLine}\n{response.HeaderLines}\n".Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
            response.Status.Should().Be(expected.Status, reason);
            response.End.Should().Be(ResponseEnd.Complete, reason);
            response.Body.Should().Equal(expected.Body, reason);
            var passing = Lines(expected.HeaderLines.Where(line => Passes(line, expected, way) && !IsOwn(line.Name, way)));
            Lines(response.HeaderLines.Where(line => !IsOwn(line.Name, way))).Should().Equal(passing, reason);
            passed += passing.Count;
            ShouldHaveItsOwn(response, expected, way, reason);
        }

        output.WriteLine($"{passed} headers came back");
        passed.Should().BeGreaterThan(_rounds);
    }

    /// <summary>What the gateway says itself, whatever the upstream has said (docs/service-door.md, "What a Service may answer").</summary>
    private static void ShouldHaveItsOwn(RawResponse response, RawResponse expected, HostileWay way, string reason)
    {
        response.Headers("X-Content-Type-Options").Should().Equal(["nosniff"], reason);
        if (way.Door is not DoorName.Service)
        {
            return;
        }

        response.Headers("Content-Security-Policy").Should().Equal(["sandbox"], reason);
        response.Headers("Cross-Origin-Resource-Policy").Should().Equal(["same-origin"], reason);
        response.Headers("Fairlead-Transport").Should().Equal(["direct"], reason);
        response.Header("Cache-Control").Should().Be(
            expected.Header("Cache-Control") switch
            {
                null => "no-cache, private, max-age=0",
                "no-store" => "private, no-store",
                "max-age=5, public" => "private, max-age=5",
                "s-maxage=1" => "private",
                _ => "private, no-cache",
            },
            reason);
    }

    private static bool Passes(HeaderLine line, RawResponse expected, HostileWay way) =>
        !NeverPasses().IsMatch(line.Name) && (way.Door is not DoorName.Service || !NeverOfServices().IsMatch(line.Name))
        && !expected.Headers("Connection").Any(nominated => nominated.Split(',', StringSplitOptions.TrimEntries).Contains(line.Name, StringComparer.OrdinalIgnoreCase));

    private static bool IsOwn(string name, HostileWay way) => Framing().IsMatch(name) || (way.Door is DoorName.Service && OwnAtServices().IsMatch(name));

    private static IReadOnlyList<string> Lines(IEnumerable<HeaderLine> lines) =>
    [
        .. lines.GroupBy(static line => line.Name.ToUpperInvariant(), StringComparer.Ordinal).OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => $"{group.Key}: {string.Join(" | ", group.Select(static line => line.Value))}"),
    ];

    [GeneratedRegex(@"\A(content-length|transfer-encoding|connection|date|x-content-type-options)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Framing();

    [GeneratedRegex(@"\A(content-security-policy|cross-origin-resource-policy|fairlead-transport|cache-control|expires|pragma|x-accel-expires)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OwnAtServices();

    [GeneratedRegex(
        @"\A(keep-alive|upgrade|trailer|proxy-.*|set-cookie2?|clear-site-data|strict-transport-security|alt-svc|service-worker-allowed|access-control-.*|report-to|reporting-endpoints|nel|refresh)\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NeverPasses();

    [GeneratedRegex(@"\A(x-accel-.*|x-reload|cross-origin-.*-policy|.*cdn-cache-control)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NeverOfServices();
}
