using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Fairlead.Testing.Processes;

/// <summary>A command that goes on running: its lines are kept as they come, and it can be sent signals. Dispose kills it with its children.</summary>
public sealed class RunningProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly Task _reading;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, _output), ReadAsync(process.StandardError, _errors));
    }

    /// <summary>The lines of standard output so far.</summary>
    public IReadOnlyList<string> Output => Snapshot(_output);

    /// <summary>The lines of standard error so far.</summary>
    public IReadOnlyList<string> Errors => Snapshot(_errors);

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Where it reads from.</summary>
    public StreamWriter StandardInput => _process.StandardInput;

    /// <summary>Starts a command; the parameters are those of <see cref="ProcessRunner.RunAsync"/>.</summary>
    public static RunningProcess Start(
        string file,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null) =>
        new(Process.Start(ProcessRunner.StartInfo(file, arguments, environment, workingDirectory))!);

    /// <summary>Waits until a line of output or errors, past or future, matches; fails at once when the process ends without one.</summary>
    public Task<Match> WaitForLineAsync([StringSyntax(StringSyntaxAttribute.Regex)] string pattern, CancellationToken cancellationToken = default)
    {
        var expression = new Regex(pattern, RegexOptions.None, Guard.Limit);
        return Guard.RunAsync<Match>(
            $"a line that matches {pattern}\n{Transcript()}",
            async token =>
            {
                while (true)
                {
                    var changed = Changed();
                    var ended = _reading.IsCompleted;
                    if (Output.Concat(Errors).Select(line => expression.Match(line)).FirstOrDefault(match => match.Success) is { } match)
                    {
                        return match;
                    }

                    if (ended)
                    {
                        throw new InvalidOperationException($"It ended without a line that matches {pattern}.\n{Transcript()}");
                    }

                    await Task.WhenAny(changed, _reading).WaitAsync(token);
                }
            },
            cancellationToken);
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(PosixSignal signal)
    {
        var number = signal switch
        {
            PosixSignal.SIGHUP => 1,
            PosixSignal.SIGINT => 2,
            PosixSignal.SIGTERM => 15,
            _ => throw new ArgumentOutOfRangeException(nameof(signal)),
        };
        Signal(number);
    }

    /// <summary>Sends a signal by its number, for those that have no name here; <see cref="SignalNumber"/> has the ones that tests use.</summary>
    public void Signal(int number)
    {
        if (Kill(_process.Id, number) != 0)
        {
            throw new InvalidOperationException($"No process {_process.Id} to signal.\n{Transcript()}");
        }
    }

    /// <summary>Waits for the end, and for all it printed; gives the exit code.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken = default)
    {
        await Guard.RunAsync(
            $"the end of process {_process.Id}",
            async token =>
            {
                await _process.WaitForExitAsync(token);
                await _reading.WaitAsync(token);
            },
            cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Everything it has printed, for the message of a failure.</summary>
    public string Transcript() => $"--- output\n{string.Join('\n', Output)}\n--- errors\n{string.Join('\n', Errors)}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);

    private async Task ReadAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lock)
            {
                lines.Add(line);
                _changed.TrySetResult();
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private Task Changed()
    {
        lock (_lock)
        {
            return _changed.Task;
        }
    }

    private string[] Snapshot(List<string> lines)
    {
        lock (_lock)
        {
            return [.. lines];
        }
    }
}
