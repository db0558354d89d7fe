using System.Text.Json;
using Fairlead.Kubernetes.Secrets;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Fairlead.Sessions;

/// <summary>Claims of a token that was verified when the session began, by paths such as <c>realm_access.roles</c>.</summary>
/// <param name="token">The token.</param>
internal sealed class ClaimPaths(Secret token)
{
    private readonly JsonElement _claims = JsonDocument.Parse(Base64Of(token.Reveal())).RootElement;

    /// <summary>The first text that is there; null for none.</summary>
    public string? Text(IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            if (Find(path) is { ValueKind: JsonValueKind.String } found && found.GetString() is { Length: > 0 } text)
            {
                return text;
            }
        }

        return null;
    }

    /// <summary>The first list of texts that is there; null for none.</summary>
    public IReadOnlyList<string>? Texts(IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            if (Find(path) is { ValueKind: JsonValueKind.Array } found)
            {
                return [.. found.EnumerateArray().Where(static item => item.ValueKind is JsonValueKind.String).Select(static item => item.GetString()!)];
            }
        }

        return null;
    }

    private static ReadOnlyMemory<byte> Base64Of(string token) => System.Buffers.Text.Base64Url.DecodeFromChars(new JsonWebToken(token).EncodedPayload);

    /// <summary>A claim's name may hold dots itself, as addresses do.</summary>
    private JsonElement? Find(string path)
    {
        if (_claims.TryGetProperty(path, out var whole))
        {
            return whole;
        }

        var at = _claims;
        foreach (var name in path.Split('.'))
        {
            if (at.ValueKind is not JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return null;
            }
        }

        return at;
    }
}
