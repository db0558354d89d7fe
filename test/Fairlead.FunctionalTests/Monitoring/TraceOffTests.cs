using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.FunctionalTests.Monitoring;

/// <summary>Without traces the gateway is no part of anybody's.</summary>
[Collection(AloneTests.Name)]
public sealed class TraceOffTests
{
    private const string Parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Fact]
    public async Task A_callers_context_passes_as_it_is_and_nobody_gets_one_that_brought_none()
    {
        await using var world = await MonitoredGateway.StartAsync();

        await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods).With("traceparent", Parent).With("tracestate", "a=1").With("tracestate", "b=2"));
        await world.Gateway.SendAsync(RawRequest.Get(MonitoredGateway.Pods));

        world.Upstream.Requests[0].Headers("traceparent").Should().Equal(Parent);
        string.Join(',', world.Upstream.Requests[0].Headers("tracestate")).Replace(" ", "", StringComparison.Ordinal).Should().Be("a=1,b=2");
        world.Upstream.Requests[1].HeaderLines.ToString().Should().NotContain("trace");
    }
}
