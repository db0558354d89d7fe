using System.Text.Json;
using Fairlead.Configuration;

namespace Fairlead.Callers.Tokens;

/// <summary>Who verified claims say that somebody is.</summary>
/// <param name="Name">The name.</param>
/// <param name="Groups">The groups.</param>
/// <param name="Claims">The claims that are kept.</param>
internal sealed record ClaimedIdentity(string Name, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>> Claims)
{
    private const int LongestValue = 1024;
    private const int MostValues = 100;
    private const int LongestName = 256;
    private const int MostGroups = 1000;
    private const string Reserved = "system:";

    /// <summary>Reads the claims, as the API server's own OIDC authenticator does where it has a rule, and stricter where it has none.</summary>
    /// <param name="claims">The payload of a verified token.</param>
    /// <param name="options">Which claims.</param>
    /// <param name="problem">What is wrong with them, for the caller; null when nothing is.</param>
    public static ClaimedIdentity? Read(JsonElement claims, ClaimOptions options, out string? problem)
    {
        problem = null;
        if (!claims.TryGetProperty(options.Username, out var value) || value.ValueKind is not JsonValueKind.String || !IsName(value.GetString()!))
        {
            problem = $"The token has no usable claim '{options.Username}' to know its owner by";
            return null;
        }

        var name = value.GetString()!;
        if (options.Username is "email" && !IsVerifiedAddress(name, claims, out problem))
        {
            return null;
        }

        name = options.UsernamePrefix + name;
        if (name.StartsWith(Reserved, StringComparison.Ordinal))
        {
            problem = $"The token's claim '{options.Username}' is a name that is reserved for Kubernetes itself ({Reserved})";
            return null;
        }

        return GroupsIn(claims, options, out problem) is { } groups && Kept(claims, options, out problem) is { } kept ? new ClaimedIdentity(name, groups, kept) : null;
    }

    private static Dictionary<string, IReadOnlyList<string>>? Kept(JsonElement claims, ClaimOptions options, out string? problem)
    {
        problem = null;
        var kept = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var name in options.Kept)
        {
            if (!claims.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null or JsonValueKind.Object)
            {
                continue;
            }

            string[] texts = value.ValueKind is JsonValueKind.Array ? [.. value.EnumerateArray().Select(TextOf)] : [TextOf(value)];
            if (texts.Length > MostValues || texts.Any(static text => text.Length is 0 or > LongestValue || text.Any(char.IsControl)))
            {
                problem = $"The token's claim '{name}' holds too much, or something that is no value";
                return null;
            }

            kept[name] = texts;
        }

        return kept;
    }

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.GetRawText(),
        _ => "",
    };

    private static bool IsName(string text) => text.Length is > 0 and <= LongestName && !text.Any(char.IsControl) && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]);

    private static bool IsVerifiedAddress(string address, JsonElement claims, out string? problem)
    {
        var at = address.IndexOf('@', StringComparison.Ordinal);
        var isUnverified = claims.TryGetProperty("email_verified", out var verified)
            && !(verified.ValueKind is JsonValueKind.True || (verified.ValueKind is JsonValueKind.String && string.Equals(verified.GetString(), "true", StringComparison.OrdinalIgnoreCase)));
        problem = at <= 0 || at == address.Length - 1 || address.IndexOf('@', at + 1) >= 0 ? "The token's claim 'email' is no address"
            : isUnverified ? "The token's address is not verified (email_verified)"
            : null;
        return problem is null;
    }

    private static List<string>? GroupsIn(JsonElement claims, ClaimOptions options, out string? problem)
    {
        problem = null;
        var groups = new List<string>();
        if (!claims.TryGetProperty(options.Groups, out var value) || value.ValueKind is JsonValueKind.Null)
        {
            return groups;
        }

        JsonElement[]? items = value.ValueKind switch
        {
            JsonValueKind.String => [value],
            JsonValueKind.Array when value.GetArrayLength() <= MostGroups => [.. value.EnumerateArray()],
            _ => null,
        };
        foreach (var item in items ?? [])
        {
            if (item.ValueKind is not JsonValueKind.String || !IsName(item.GetString()!))
            {
                items = null;
                break;
            }

            var group = options.GroupsPrefix + item.GetString();
            if (group.StartsWith(Reserved, StringComparison.Ordinal))
            {
                problem = $"The token's claim '{options.Groups}' names a group that is reserved for Kubernetes itself ({Reserved})";
                return null;
            }

            groups.Add(group);
        }

        problem = items is null ? $"The token's claim '{options.Groups}' is no list of groups, or too long a one" : null;
        return items is null ? null : groups;
    }
}
