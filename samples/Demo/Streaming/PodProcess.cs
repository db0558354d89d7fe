using System.Text;

namespace Fairlead.Demo.Streaming;

/// <summary>The streams of a command in a pod.</summary>
internal interface IPodConsole
{
    /// <summary>Reads what the client types; 0 at the end.</summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Writes to standard output.</summary>
    Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Writes to standard error.</summary>
    Task WriteErrorAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}

/// <summary>The commands that a demo pod knows: enough to see a stream go both ways and an exit code come back.</summary>
internal static class PodProcess
{
    private const int NotFound = 127;

    /// <summary>Runs a command.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> command, IPodConsole console, CancellationToken cancellationToken)
    {
        switch (Path.GetFileName(command.Count > 0 ? command[0] : ""))
        {
            case "echo":
                await WriteLineAsync(console, string.Join(' ', command.Skip(1)), cancellationToken);
                return 0;
            case "cat":
                await CopyAsync(console, cancellationToken);
                return 0;
            case "true":
                return 0;
            case "false":
                return 1;
            case "sleep":
                await Task.Delay(TimeSpan.FromSeconds(double.Parse(command[1], System.Globalization.CultureInfo.InvariantCulture)), cancellationToken);
                return 0;
            case "sh" or "bash" when command is [_, "-c", var script, ..]:
                return await RunAsync(script.Split(' ', StringSplitOptions.RemoveEmptyEntries), console, cancellationToken);
            case "sh" or "bash":
                return await ShellAsync(console, cancellationToken);
            case "exit":
                return command.Count > 1 && int.TryParse(command[1], System.Globalization.CultureInfo.InvariantCulture, out var code) ? code : 0;
            default:
                await console.WriteErrorAsync(Encoding.UTF8.GetBytes($"{string.Join(' ', command)}: not found\n"), cancellationToken);
                return NotFound;
        }
    }

    private static async Task CopyAsync(IPodConsole console, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (await console.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            await console.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private static async Task<int> ShellAsync(IPodConsole console, CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var buffer = new byte[4096];
        while (await console.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            foreach (var character in Encoding.UTF8.GetString(buffer, 0, read))
            {
                if (character is not ('\n' or '\r'))
                {
                    line.Append(character);
                    continue;
                }

                var words = line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
                line.Clear();
                if (words is ["exit", ..])
                {
                    return await RunAsync(words, console, cancellationToken);
                }

                if (words.Length > 0)
                {
                    await RunAsync(words, console, cancellationToken);
                }
            }
        }

        return 0;
    }

    private static Task WriteLineAsync(IPodConsole console, string line, CancellationToken cancellationToken) =>
        console.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
}
