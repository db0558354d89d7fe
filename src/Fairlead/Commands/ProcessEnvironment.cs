using System.Collections;

namespace Fairlead.Commands;

/// <summary>The environment of this process.</summary>
internal static class ProcessEnvironment
{
    /// <summary>Reads it once.</summary>
    public static IReadOnlyDictionary<string, string> Read() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(static entry => (string)entry.Key, static entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
}
