using AwesomeAssertions;
using Fairlead.Clusters.Sources;
using Fairlead.Commands;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fairlead.HostileTests.Faults;

/// <summary>A part that runs beside the requests fails: the server stops as a whole, and does not look as if it had been told to (exit code 1).</summary>
public sealed class FailedPartTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_knows_whether_a_part_of_it_has_failed_or_somebody_has_stopped_it(bool fails)
    {
        var gate = new TaskCompletionSource();
        var (started, _) = await GatewayServer.StartAsync(
            static () => new ConfigurationResult(TestGateway.Options(), []),
            static locator => ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal)),
            logging =>
            {
                logging.ClearProviders();
                logging.Services.AddHostedService(_ => new Part(gate.Task));
            },
            CancellationToken.None);
        await using var server = started!;
        server.HasFailed.Should().BeFalse();
        using var told = new CancellationTokenSource();
        var end = server.WaitForShutdownAsync(told.Token);

        if (fails)
        {
            gate.SetException(new InvalidOperationException("it has failed"));
        }
        else
        {
            await told.CancelAsync();
        }

        await Guard.RunAsync("the server to stop", async _ => await end, CancellationToken.None);
        server.HasFailed.Should().Be(fails);
    }

    private sealed class Part(Task work) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => work.WaitAsync(stoppingToken);
    }
}
