namespace Fairlead.Testing.Processes;

/// <summary>How a command ended and what it printed.</summary>
public sealed record ProcessResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The result itself when the exit code is 0; otherwise an exception with everything that was printed.</summary>
    public ProcessResult Succeeded() => ExitCode == 0 ? this : throw new InvalidOperationException(ToString());

    /// <inheritdoc/>
    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- errors\n{Errors}";
}
