using System.Text.Json.Serialization;

namespace Fairlead.State;

/// <summary>A session's file: what has to be known before its browser comes, and the rest encrypted.</summary>
internal sealed class StoredSession
{
    /// <summary>The schema that this version writes, and the only one that it reads.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The schema.</summary>
    public required int Schema { get; init; }

    /// <summary>The hashed name of the subject.</summary>
    public required string Subject { get; init; }

    /// <summary>The hashed name of the session at the provider; null for none.</summary>
    public string? ProviderSession { get; init; }

    /// <summary>When it ends at the latest.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>The session's version.</summary>
    public required long Version { get; init; }

    /// <summary>The encrypted session.</summary>
    public required byte[] Data { get; init; }
}

/// <summary>The source-generated serialiser of sessions' files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredSession))]
internal sealed partial class StoredJson : JsonSerializerContext;
