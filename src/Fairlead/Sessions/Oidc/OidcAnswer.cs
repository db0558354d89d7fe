namespace Fairlead.Sessions.Oidc;

/// <summary>What came of asking an identity provider.</summary>
/// <typeparam name="T">What was wanted.</typeparam>
internal abstract record OidcAnswer<T>
{
    private OidcAnswer()
    {
    }

    /// <summary>It is there.</summary>
    /// <param name="Value">What was wanted.</param>
    public sealed record Done(T Value) : OidcAnswer<T>;

    /// <summary>The provider says no, or what it says cannot be used: asking again changes nothing.</summary>
    /// <param name="Message">Why, for the person.</param>
    public sealed record Refused(string Message) : OidcAnswer<T>;

    /// <summary>The provider cannot be asked now.</summary>
    /// <param name="Message">Why, for the person.</param>
    public sealed record Unavailable(string Message) : OidcAnswer<T>;
}

/// <summary>Error codes of providers (RFC 6749 4.1.2.1, 5.2).</summary>
internal static class OidcError
{
    private const int Longest = 40;

    /// <summary>A code that can be shown; never a provider's free text, and never what somebody wrote into an address.</summary>
    public static string Code(string? error) => error is { Length: > 0 and <= Longest } && error.All(static c => char.IsAsciiLetterLower(c) || c is '_') ? error : "no code";
}
