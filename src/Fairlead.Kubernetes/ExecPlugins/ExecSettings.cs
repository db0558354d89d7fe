using Fairlead.Kubernetes.Documents;

namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>Which plugins may be run, and how much of them.</summary>
public sealed record ExecSettings
{
    /// <summary>Commands that may be run: names without a slash, or absolute paths. None unless configured.</summary>
    public ValueList<string> AllowedCommands { get; init; } = [];

    /// <summary>How long a plugin may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much it may print, in bytes.</summary>
    public int MaxOutput { get; init; } = 1024 * 1024;

    /// <summary>What the operator has to add where <paramref name="command"/> may not be run, as the rest of a sentence.</summary>
    public static string WhatToAdd(string command) =>
        $"may not be run; whoever trusts it adds credentials.exec.allowedCommands: [{NodePath.Printable(command)}]";

    /// <summary>
    /// These settings for one command: only what may allow it is left, so that plugins with equal settings stay equal when another one is allowed. What is found in
    /// <c>PATH</c> is seen when the plugin is run.
    /// </summary>
    /// <param name="command">The command of a plugin.</param>
    public ExecSettings For(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return this with { AllowedCommands = [.. AllowedCommands.Where(entry => MayMean(entry, command))] };
    }

    /// <summary>Whether a plugin may be run.</summary>
    /// <param name="command">Its command: a name without a slash, or an absolute path.</param>
    /// <param name="path">The absolute path that the command leads to.</param>
    public bool Allows(string command, string path) => AllowedCommands.Any(entry =>
        string.Equals(entry, command, StringComparison.Ordinal) || (IsPath(entry) && string.Equals(entry, path, StringComparison.Ordinal)));

    private static bool MayMean(string entry, string command) =>
        string.Equals(entry, command, StringComparison.Ordinal)
        || (IsPath(entry) && !IsPath(command) && string.Equals(Path.GetFileName(entry), command, StringComparison.Ordinal));

    private static bool IsPath(string text) => text.Contains('/', StringComparison.Ordinal);
}
