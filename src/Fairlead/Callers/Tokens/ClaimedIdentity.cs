using System.Text.Json;
using Fairlead.Configuration;

namespace Fairlead.Callers.Tokens;

/// <summary>Who verified claims say that somebody is.</summary>
/// <param name="Name">The name.</param>
/// <param name="Groups">The groups.</param>
internal sealed record ClaimedIdentity(string Name, IReadOnlyList<string> Groups)
{
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

        return GroupsIn(claims, options, out problem) is { } groups ? new ClaimedIdentity(name, groups) : null;
    }

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
