using System.Diagnostics;

namespace Fairlead.Testing.Processes;

/// <summary>Runs commands to their end.</summary>
public static class ProcessRunner
{
    /// <summary>Runs a command and gives its exit code and everything it printed; kills it, with its children, at the guard's limit.</summary>
    /// <param name="file">The program: a path, or a name to be found in PATH.</param>
    /// <param name="arguments">Its arguments, passed one by one, through no shell.</param>
    /// <param name="environment">Variables to set; null removes one. The others are inherited.</param>
    /// <param name="standardInput">What it reads; nothing when null.</param>
    /// <param name="workingDirectory">Where it runs.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public static Task<ProcessResult> RunAsync(
        string file,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? standardInput = null,
        string? workingDirectory = null,
        CancellationToken cancellationToken = default)
    {
        var start = StartInfo(file, arguments, environment, workingDirectory);
        return Guard.RunAsync<ProcessResult>(
            $"{file} {string.Join(' ', start.ArgumentList)} to end",
            async token =>
            {
                using var process = Process.Start(start)!;
                try
                {
                    var output = process.StandardOutput.ReadToEndAsync(token);
                    var errors = process.StandardError.ReadToEndAsync(token);
                    await FeedAsync(process, standardInput);
                    await process.WaitForExitAsync(token);
                    return new(process.ExitCode, await output, await errors);
                }
                catch (OperationCanceledException)
                {
                    process.Kill(entireProcessTree: true);
                    throw;
                }
            },
            cancellationToken);
    }

    internal static ProcessStartInfo StartInfo(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment, string? workingDirectory)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static async Task FeedAsync(Process process, string? standardInput)
    {
        try
        {
            await process.StandardInput.WriteAsync(standardInput);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading.
        }
    }
}
