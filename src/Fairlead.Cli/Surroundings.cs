using Fairlead.Cli.Logins;

namespace Fairlead.Cli;

/// <summary>What a command sees of the machine: its environment, where it writes, the clock, the browser.</summary>
internal sealed record Surroundings
{
    /// <summary>The value of an environment variable; null where it is not set, or empty.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Standard output: what a command was asked for, and nothing else.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error: everything that is said to the person.</summary>
    public required TextWriter Errors { get; init; }

    /// <summary>Whether somebody is there to sign in: standard input and standard error are a terminal.</summary>
    public required bool IsInteractive { get; init; }

    /// <summary>Opens a page in the person's browser; false where there is none.</summary>
    public required Func<Uri, bool> OpenBrowser { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Those of this process.</summary>
    public static Surroundings OfProcess() => new()
    {
        Variable = Read,
        Output = Console.Out,
        Errors = Console.Error,
        IsInteractive = !Console.IsInputRedirected && !Console.IsErrorRedirected,
        OpenBrowser = static page => Browser.Open(page, Read),
    };

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
