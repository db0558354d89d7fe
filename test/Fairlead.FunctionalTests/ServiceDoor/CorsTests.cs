using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Cross-origin requests to Services are the gateway's affair.</summary>
public sealed class CorsTests
{
    private const string Origin = "https://portal.example.org";

    public static MatrixTheoryData<Shape, WireProtocol> Shapes { get; } = new(Enum.GetValues<Shape>(), ServiceAnswers.Protocols);

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H60_A_preflight_from_a_configured_origin_is_204_without_credentials(Shape shape, WireProtocol protocol)
    {
        await using var passage = await StartAsync();

        var response = await passage.ExchangeAsync(protocol, Preflight(shape, Origin));

        response.Status.Should().Be(204, response.ToString());
        response.Headers("Access-Control-Allow-Origin").Should().Equal(Origin);
        response.Header("Access-Control-Allow-Methods").Should().Contain("PATCH");
        response.Header("Access-Control-Allow-Headers").Should().ContainEquivalentOf("authorization");
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H60_A_preflight_from_another_origin_grants_nothing(Shape shape, WireProtocol protocol)
    {
        await using var passage = await StartAsync();
        foreach (var origin in new[] { "https://evil.example.org", "http://portal.example.org", "https://portal.example.org.evil.example", "null" })
        {
            var response = await passage.ExchangeAsync(protocol, Preflight(shape, origin));

            response.HeaderLines.Should().NotContain(static line => line.Name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H60_OPTIONS_that_is_no_preflight_is_the_Services(Shape shape, WireProtocol protocol)
    {
        await using var passage = await StartAsync();
        passage.Upstream.Respond(RawAnswer.Text(200, "", "text/plain", "Allow: GET, OPTIONS"));

        var response = await passage.ExchangeAsync(protocol, new RawRequest("OPTIONS", shape.Target("/x")).WithBearer(ServiceCluster.UserToken).With("Origin", Origin));

        response.Status.Should().Be(200, response.ToString());
        passage.Seen.Should().ContainSingle().Which.Method.Should().Be("OPTIONS");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H60_T70_Answers_carry_the_gateways_CORS_headers_and_none_of_the_Services(Shape shape, WireProtocol protocol)
    {
        await using var passage = await StartAsync();
        passage.Upstream.Respond(RawAnswer.Json(200, "{}", "Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true", "Access-Control-Expose-Headers: X-Secret"));
        var request = RawRequest.Get(shape.Target("/x")).WithBearer(ServiceCluster.UserToken);

        var known = await passage.ExchangeAsync(protocol, request.With("Origin", Origin));
        var refused = await passage.ExchangeAsync(protocol, RawRequest.Get(shape.Target("/x")).With("Origin", Origin));
        var foreign = await passage.ExchangeAsync(protocol, request.With("Origin", "https://evil.example.org"));

        known.Status.Should().Be(200, known.ToString());
        refused.ShouldRefuse(401, "Unauthorized");
        foreach (var response in new[] { known, refused })
        {
            response.Headers("Access-Control-Allow-Origin").Should().Equal(Origin);
            response.Headers("Access-Control-Expose-Headers").Should().Equal("Retry-After,Proxy-Status,Fairlead-Transport,pagination-total-count");
        }

        foreign.HeaderLines.Should().NotContain(static line => line.Name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    private static RawRequest Preflight(Shape shape, string origin) => new RawRequest("OPTIONS", shape.Target("/x"))
        .With("Origin", origin).With("Access-Control-Request-Method", "PATCH").With("Access-Control-Request-Headers", "authorization,content-type");

    private static Task<ServicePassage> StartAsync() => ServicePassage.StartAsync(change: static options => options with { CorsOrigins = [Origin] });
}
