using System.Text.Json;

namespace Fairlead.Testing.Gateways;

/// <summary>Reads the audit file of a running gateway; each line has to be a whole record.</summary>
public static class AuditEvents
{
    /// <summary>The stage of a stream that has begun.</summary>
    public const string Started = "ResponseStarted";

    /// <summary>The stage of a request that is over.</summary>
    public const string Complete = "ResponseComplete";

    /// <summary>All records of that stage so far; of every stage when null.</summary>
    public static IReadOnlyList<JsonElement> In(string file, string? stage = Complete)
    {
        if (!File.Exists(file))
        {
            return [];
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return [.. Parse(reader.ReadToEnd()).Where(record => stage is null || string.Equals(record.GetProperty("stage").GetString(), stage, StringComparison.Ordinal))];
    }

    /// <summary>Waits until there are that many records of that stage, and gives all.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ReadAsync(string file, int count, string? stage = Complete)
    {
        IReadOnlyList<JsonElement> records = [];
        await Eventually.BeTrueAsync(() => (records = In(file, stage)).Count >= count, $"{count} audit records");
        return records;
    }

    /// <summary>The records of a text, one on each line that is whole.</summary>
    public static IEnumerable<JsonElement> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('\n')[..^1].Select(static line => JsonDocument.Parse(line).RootElement.Clone());
    }

    /// <summary>What an annotation says; null where there is none.</summary>
    public static string? Annotation(this JsonElement record, string name) =>
        record.GetProperty("annotations").TryGetProperty("fairlead.dev/" + name, out var value) ? value.GetString() : null;

    /// <summary>The status.</summary>
    public static int Code(this JsonElement record) => record.GetProperty("responseStatus").GetProperty("code").GetInt32();

    /// <summary>The target, without the values of its query.</summary>
    public static string Target(this JsonElement record) => record.GetProperty("requestURI").GetString()!;

    /// <summary>The stage.</summary>
    public static string Stage(this JsonElement record) => record.GetProperty("stage").GetString()!;

    /// <summary>The caller's name.</summary>
    public static string User(this JsonElement record) => record.GetProperty("user").GetProperty("username").GetString()!;
}
