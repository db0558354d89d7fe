using System.Globalization;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.Monitoring;

/// <summary>What measuring costs, in bytes that a request allocates on its whole way, client and upstream of the test included.</summary>
[Collection(AloneTests.Name)]
public sealed class CostTests
{
    private const int Requests = 2000;

    // Of what else the process does meanwhile.
    private const double Noise = 150;

    [Fact]
    public async Task Metrics_cost_a_request_no_memory()
    {
        var (without, with) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < 3; round++)
        {
            // The least is what the request costs; the rest is what the process did beside it.
            without = Math.Min(without, await BytesAsync(new TelemetryOptions { Metrics = false }));
            with = Math.Min(with, await BytesAsync(new TelemetryOptions()));
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bytes a request: {without:F0} without metrics, {with:F0} with them"));
        with.Should().BeLessThan(without + Noise);
    }

    private static async Task<double> BytesAsync(TelemetryOptions telemetry)
    {
        await using var world = await MonitoredGateway.StartAsync(options => options with { Telemetry = telemetry, Audit = new AuditOptions() });
        await using var client = await RawClient.ConnectAsync(world.Gateway.Port);
        var request = RawRequest.Get(MonitoredGateway.Pods).WithBearer(TestGateway.Token);
        await SendAsync(Requests);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await SendAsync(Requests);
        return (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / Requests;

        async Task SendAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                (await (await client.SendAsync(request)).ReadToEndAsync()).Status.Should().Be(200);
            }
        }
    }
}
