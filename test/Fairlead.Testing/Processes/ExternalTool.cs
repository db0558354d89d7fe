namespace Fairlead.Testing.Processes;

/// <summary>A program or folder that is no part of the project and that some tests need.</summary>
/// <param name="Name">What it is, for messages.</param>
/// <param name="Variable">The environment variable that says where it is.</param>
/// <param name="Candidates">Where it may be, in order; empty ones count as not set.</param>
public sealed record ExternalTool(string Name, string Variable, IReadOnlyList<string> Candidates)
{
    /// <summary>Its path, or null.</summary>
    public string? Path { get; } = Candidates.FirstOrDefault(path => path.Length > 0 && (File.Exists(path) || Directory.Exists(path)));

    /// <summary>Whether it is there.</summary>
    public bool IsAvailable => Path is not null;

    /// <summary>The message of a test that cannot run without it.</summary>
    public string WhyMissing => $"{Name} is missing: run ./test.sh, or set {Variable}.";

    /// <summary>Its path; fails with <see cref="WhyMissing"/> where there is none.</summary>
    public string Require() => Path ?? throw new InvalidOperationException(WhyMissing);
}
