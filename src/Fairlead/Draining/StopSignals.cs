using System.Runtime.InteropServices;

namespace Fairlead.Draining;

/// <summary>SIGTERM, SIGINT and SIGQUIT begin the end, and a second one hurries it; the host's own lifetime would stop at once.</summary>
/// <param name="drain">The way to the end.</param>
internal sealed class StopSignals(Drain drain) : IHostLifetime, IDisposable
{
    private PosixSignalRegistration[] _registrations = [];

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registrations = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, Begin))];
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Begin(PosixSignalContext context)
    {
        context.Cancel = true;
        drain.Begin();
    }
}
