using AwesomeAssertions;
using Fairlead.Testing.Clients;

namespace Fairlead.FunctionalTests.Clouds;

/// <summary>What a client sees when the gateway has no credential (contract F18).</summary>
internal static class Refusals
{
    /// <summary>502, the message of the contract, and no word about the source.</summary>
    public static void ShouldBeWithoutCredential(RawResponse response, string cluster)
    {
        response.Status.Should().Be(502);
        var error = response.Json.RootElement.GetProperty("error");
        error.GetProperty("name").GetString().Should().Be("BadGatewayError");
        error.GetProperty("message").GetString().Should().Be($"Cluster '{cluster}' request error: no credential could be obtained");
        error.EnumerateObject().Select(static property => property.Name).Should().BeSubsetOf(["name", "message", "statusCode"]);
    }
}
