namespace Fairlead.Callers;

/// <summary>Bearer credentials in <c>Authorization</c> (RFC 6750 2.1, contract S4).</summary>
internal static class BearerCredential
{
    private const string Scheme = "Bearer";

    /// <summary>
    /// Whether a value is of a scheme that authenticates a connection instead of a request (RFC 4559 6). Connections to a cluster are shared among callers: whoever came next on
    /// such a one would be somebody else there.
    /// </summary>
    public static bool BindsConnection(ReadOnlySpan<char> value)
    {
        foreach (var range in value.SplitAny(' ', ','))
        {
            if (value[range].Equals("Negotiate", StringComparison.OrdinalIgnoreCase) || value[range].Equals("NTLM", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The token of <paramref name="value"/>; empty when the value is not one bearer credential.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> value)
    {
        if (value.Length <= Scheme.Length || value[Scheme.Length] != ' ' || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        var token = value[Scheme.Length..].TrimStart(' ');
        // token68 (RFC 9110 11.2) is a subset; blanks, commas and everything else that could hold a second credential are out.
        return token.ContainsAnyExceptInRange('!', '~') || token.ContainsAny(',', '"') ? default : token;
    }
}
