using System.Text;

namespace Fairlead.Callers;

/// <summary>
/// The token in an <c>Authorization</c> at the service door: a bearer credential as Headlamp's own server reads it (contract <c>headlamp.md</c> S6,
/// F17), or HTTP Basic with the token as password, since helm sends nothing else (decision 11).
/// </summary>
internal static class ServiceDoorToken
{
    /// <summary>The token; null with the refusal.</summary>
    public static string? Of(string value, out Refusal? refusal)
    {
        refusal = null;
        var text = value.AsSpan().Trim();
        var blank = text.IndexOf(' ');
        var scheme = blank < 0 ? text : text[..blank];
        var rest = blank < 0 ? default : text[blank..].TrimStart();
        if (scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            if (rest.IsEmpty)
            {
                refusal = new Refusal(RefusalReason.IllegalToken, "Authorization holds no token: write 'Bearer <token>'");
                return null;
            }

            return IsToken(rest) ? rest.ToString() : Refuse(out refusal);
        }

        return scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ? Password(rest) ?? Refuse(out refusal)
            : blank < 0 && IsToken(text) ? text.ToString()
            : Refuse(out refusal);
    }

    private static string? Refuse(out Refusal? refusal)
    {
        refusal = new Refusal(RefusalReason.InvalidRequest, "Authorization has to be 'Bearer <token>', the token alone, or Basic with the token as password");
        return null;
    }

    /// <summary>The password of a Basic credential (RFC 7617 2).</summary>
    private static string? Password(ReadOnlySpan<char> credential)
    {
        var bytes = new byte[credential.Length];
        if (!Convert.TryFromBase64Chars(credential, bytes, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0 && IsToken(pair.AsSpan(colon + 1)) ? pair[(colon + 1)..] : null;
    }

    /// <summary>Visible characters, and none that could part it from a second credential.</summary>
    private static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange('!', '~') && !text.ContainsAny(',', '"');
}
