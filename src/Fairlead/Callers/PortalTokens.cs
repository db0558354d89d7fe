using System.Text;

namespace Fairlead.Callers;

/// <summary>Tokens that identify somebody to the gateway. They never reach a cluster, wherever in a value they stand (contract F14).</summary>
internal static class PortalTokens
{
    /// <summary>The refusal of a value that holds one; null for any other.</summary>
    public static Refusal? RefuseIn(ReadOnlySpan<char> value, GatewaySnapshot snapshot) =>
        Holds(value, snapshot)
            ? new Refusal(RefusalReason.InvalidRequest, "A token of the gateway's own was sent as a cluster token; send one that the cluster has issued")
            : null;

    /// <summary>Whether such a token stands anywhere in the value: with or without a scheme, as a parameter, as the password of Basic.</summary>
    private static bool Holds(ReadOnlySpan<char> value, GatewaySnapshot snapshot)
    {
        if (IsOne(value, snapshot))
        {
            return true;
        }

        var isBasic = value.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase);
        foreach (var range in value.SplitAny(" \t,;\""))
        {
            var word = value[range];
            if (IsOne(word, snapshot) || IsOne(word[(word.IndexOf('=') + 1)..], snapshot) || (isBasic && IsOne(BasicPassword(word), snapshot)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOne(ReadOnlySpan<char> word, GatewaySnapshot snapshot) =>
        !word.IsEmpty && (snapshot.Directory.Find(word) is not null || snapshot.Tokens.IsBackstageToken(word));

    private static ReadOnlySpan<char> BasicPassword(ReadOnlySpan<char> word)
    {
        var bytes = new byte[word.Length];
        if (!Convert.TryFromBase64Chars(word, bytes, out var length))
        {
            return default;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair.AsSpan(pair.IndexOf(':', StringComparison.Ordinal) + 1);
    }
}
