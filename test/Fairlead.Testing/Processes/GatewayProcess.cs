using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Fairlead.Testing.Processes;

/// <summary>
/// The built server, run as its users run it: a process of its own with arguments, a configuration file and an environment. It sees nothing of the
/// kubeconfig, the service account and the home folder of the machine, unless the environment given here says so.
/// </summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private GatewayProcess(RunningProcess process, TempFolder folder)
    {
        Process = process;
        _folder = folder;
    }

    /// <summary>The process, with its output.</summary>
    public RunningProcess Process { get; }

    /// <summary>A folder of its own: the home folder, with <c>fairlead.yaml</c> in it when a configuration was given.</summary>
    public string Folder => _folder.Path;

    /// <summary>Starts the server and does not wait for it.</summary>
    /// <param name="arguments">For example <c>serve</c>, <c>--port</c>, <c>0</c>.</param>
    /// <param name="configuration">The text of a configuration file; <c>--config</c> with its path is added to the arguments.</param>
    /// <param name="environment">Variables to set; null removes one.</param>
    /// <param name="through">A command and its arguments that becomes the server in the end, for example <c>prlimit</c> with a limit; none when null.</param>
    public static GatewayProcess Start(
        IEnumerable<string> arguments, string? configuration = null, IReadOnlyDictionary<string, string?>? environment = null, IReadOnlyList<string>? through = null)
    {
        var folder = new TempFolder();
        var server = Path.Combine(AppContext.BaseDirectory, "fairlead.dll");
        List<string> all = [.. through ?? [], "dotnet", server, .. arguments];
        if (configuration is not null)
        {
            all.AddRange(["--config", folder.Write("fairlead.yaml", configuration)]);
        }

        return new(RunningProcess.Start(all[0], all[1..], EnvironmentOf(folder, environment), folder.Path), folder);
    }

    /// <summary>Starts the server and waits for the line that says it listens.</summary>
    /// <param name="listening">A regular expression for that line; its groups are for the caller, for example the ports.</param>
    /// <param name="arguments">As for <see cref="Start"/>.</param>
    /// <param name="configuration">As for <see cref="Start"/>.</param>
    /// <param name="environment">As for <see cref="Start"/>.</param>
    /// <param name="through">As for <see cref="Start"/>.</param>
    /// <param name="cancellationToken">Ends the wait and the process.</param>
    public static async Task<(GatewayProcess Gateway, Match Listening)> StartAsync(
        [StringSyntax(StringSyntaxAttribute.Regex)] string listening,
        IEnumerable<string> arguments,
        string? configuration = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        IReadOnlyList<string>? through = null,
        CancellationToken cancellationToken = default)
    {
        var gateway = Start(arguments, configuration, environment, through);
        try
        {
            return (gateway, await gateway.Process.WaitForLineAsync(listening, cancellationToken));
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to stop and gives its exit code.</summary>
    public Task<int> StopAsync(PosixSignal signal = PosixSignal.SIGTERM, CancellationToken cancellationToken = default)
    {
        Process.Signal(signal);
        return Process.WaitForExitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Dispose();
    }

    private static Dictionary<string, string?> EnvironmentOf(TempFolder folder, IReadOnlyDictionary<string, string?>? given)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["HOME"] = folder.Path,
            ["KUBECONFIG"] = null,
            ["KUBERNETES_SERVICE_HOST"] = null,
            ["KUBERNETES_SERVICE_PORT"] = null,
        };
        foreach (var (name, value) in given ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            environment[name] = value;
        }

        return environment;
    }
}
