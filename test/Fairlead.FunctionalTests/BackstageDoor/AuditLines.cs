using System.Text.Json;
using Fairlead.Testing;

namespace Fairlead.FunctionalTests.BackstageDoor;

/// <summary>A line of the audit file.</summary>
internal sealed record AuditLine(string Text, string Outcome, string Verb, int Code);

/// <summary>Reads the audit file of a running gateway: the records of requests that are over.</summary>
internal static class AuditLines
{
    /// <summary>Waits until the file has that many records, and gives all it has.</summary>
    public static async Task<IReadOnlyList<AuditLine>> ReadAsync(string file, int count)
    {
        string[] lines = [];
        await Eventually.BeTrueAsync(
            async () => File.Exists(file) && (lines = [.. (await File.ReadAllTextAsync(file)).Split('\n')[..^1].Where(static line => line.Contains("ResponseComplete", StringComparison.Ordinal))]).Length >= count,
            $"{count} audit records");
        return [.. lines.Select(Parse)];
    }

    private static AuditLine Parse(string text)
    {
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;
        return new(
            text,
            root.GetProperty("annotations").GetProperty("fairlead.dev/outcome").GetString()!,
            root.GetProperty("verb").GetString()!,
            root.GetProperty("responseStatus").GetProperty("code").GetInt32());
    }
}
