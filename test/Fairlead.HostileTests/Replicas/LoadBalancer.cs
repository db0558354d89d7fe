using System.Globalization;
using System.Net.Sockets;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.HostileTests.Replicas;

/// <summary>A real HAProxy in front of several gateways, as docs/replicas.md sets one up: it asks their readiness, and repeats no request that may have been sent.</summary>
internal sealed class LoadBalancer : IAsyncDisposable
{
    private readonly RunningProcess _process;
    private readonly TempFolder _folder;
    private readonly int _statistics;

    private LoadBalancer(RunningProcess process, TempFolder folder, int port, int statistics) => (_process, _folder, Port, _statistics) = (process, folder, port, statistics);

    public int Port { get; }

    /// <summary>Starts it; skips the test where it is missing.</summary>
    /// <param name="isPatient">Whether it goes on to another gateway where one takes no connection: nothing was sent then.</param>
    /// <param name="replicas">The gateways.</param>
    public static async Task<LoadBalancer> StartAsync(bool isPatient, params Replica[] replicas)
    {
        Assert.SkipUnless(ExternalTools.HAProxy.IsAvailable, ExternalTools.HAProxy.WhyMissing);
        var (folder, port, statistics) = (new TempFolder(), FreePort.Next(), FreePort.Next());
        var process = RunningProcess.Start(ExternalTools.HAProxy.Require(), ["-db", "-f", folder.Write("haproxy.cfg", Configuration(port, statistics, isPatient, replicas))]);
        var balancer = new LoadBalancer(process, folder, port, statistics);
        await Eventually.BeTrueAsync(() => process.HasExited ? throw new InvalidOperationException(process.Transcript()) : balancer.ListensAsync(), "HAProxy to listen");
        return balancer;
    }

    /// <summary>Waits until it holds that many gateways for ready.</summary>
    public Task UntilUpAsync(int count) => Eventually.BeTrueAsync(
        async () => (await RawClient.ExchangeAsync(_statistics, RawRequest.Get("/;csv"))).BodyText.Split('\n').Count(static line => line.StartsWith("gateways,gateway", StringComparison.Ordinal) && line.Split(',')[17] is "UP") == count,
        $"{count} gateways are up");

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static string Configuration(int port, int statistics, bool isPatient, Replica[] replicas) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        defaults
          mode http
          timeout connect 5s
          timeout client 1h
          timeout server 1h
          timeout tunnel 1h
        {(isPatient ? "  retries 3\n  option redispatch 1" : "  retries 0")}
        frontend in
          bind 127.0.0.1:{port}
          default_backend gateways
        frontend statistics
          bind 127.0.0.1:{statistics}
          stats enable
          stats uri /
        backend gateways
          balance roundrobin
          option httpchk GET /readyz
          timeout check 5s
          default-server check inter 100ms fall 1 rise 1
        {string.Join('\n', replicas.Select(static (replica, index) => string.Create(CultureInfo.InvariantCulture, $"  server gateway{index} 127.0.0.1:{replica.Port} port {replica.ManagementPort}")))}

        """);

    private async Task<bool> ListensAsync()
    {
        try
        {
            await using var client = await RawClient.ConnectAsync(Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
