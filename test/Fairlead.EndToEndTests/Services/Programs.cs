using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Services;

/// <summary>The servers that stand behind Services here, and how they are started.</summary>
internal static class Programs
{
    private const int Attempts = 5;

    /// <summary>Prometheus.</summary>
    public static ExternalTool Prometheus { get; } = Find("prometheus", "FAIRLEAD_PROMETHEUS");

    /// <summary>
    /// Starts a server that cannot be told to take any port: on a port that was free a moment ago, and on another one where somebody was faster.
    /// </summary>
    /// <param name="start">Starts it on a port.</param>
    /// <param name="listening">A regular expression for the line that says it listens.</param>
    public static async Task<(RunningProcess Process, int Port)> StartAsync(Func<int, RunningProcess> start, string listening)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Next();
            var process = start(port);
            try
            {
                await process.WaitForLineAsync(listening);
                return (process, port);
            }
            catch (InvalidOperationException) when (attempt < Attempts && process.HasExited)
            {
                await process.DisposeAsync();
            }
            catch
            {
                await process.DisposeAsync();
                throw;
            }
        }
    }

    private static ExternalTool Find(string name, string variable) =>
        new(name, variable, [
            Environment.GetEnvironmentVariable(variable) ?? "", $"/usr/sbin/{name}", $"/usr/bin/{name}",
            Path.Combine(ExternalTools.RepositoryRoot(), "test", "clients", ".tools", name),
        ]);
}
