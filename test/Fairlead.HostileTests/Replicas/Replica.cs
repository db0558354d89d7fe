using System.Globalization;
using System.Runtime.InteropServices;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Processes;

namespace Fairlead.HostileTests.Replicas;

/// <summary>One of several gateways with the same configuration: a process that is stopped, killed and started again at its address.</summary>
internal sealed class Replica(Func<Replica, string> configuration) : IAsyncDisposable
{
    private GatewayProcess? _process;

    public int Port { get; } = FreePort.Next();

    public int ManagementPort { get; } = FreePort.Next();

    public RunningProcess Process => _process!.Process;

    /// <summary>The listeners, as configuration.</summary>
    public string Listeners => string.Create(CultureInfo.InvariantCulture, $$"""
        listen: http://127.0.0.1:{{Port}}
        management: { listen: 'http://127.0.0.1:{{ManagementPort}}' }
        """);

    public async Task StartAsync()
    {
        await DisposeAsync();
        (_process, _) = await GatewayProcess.StartAsync("listens on ", ["serve"], configuration(this));
    }

    /// <summary>Starts anew in an orderly way.</summary>
    public async Task<int> StopAsync() => await _process!.StopAsync(PosixSignal.SIGTERM);

    public async Task KillAsync()
    {
        Process.Signal(SignalNumber.Kill);
        await Process.WaitForExitAsync();
    }

    public async Task<bool> IsReadyAsync() => (await RawClient.ExchangeAsync(ManagementPort, RawRequest.Get("/readyz"))).Status == 200;

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? default;
}
