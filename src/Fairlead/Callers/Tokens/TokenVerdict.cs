namespace Fairlead.Callers.Tokens;

/// <summary>Whom a Backstage means with a token of its own.</summary>
internal enum PortalPrincipal
{
    /// <summary>It is not of a Backstage, or a plugin's that calls on behalf of a user: nobody but that plugin can show it to the portal.</summary>
    Other,

    /// <summary>A user, who has it.</summary>
    User,

    /// <summary>A plugin's backend, for itself.</summary>
    Service,
}

/// <summary>What came of verifying a token.</summary>
internal abstract record TokenVerdict
{
    private TokenVerdict()
    {
    }

    /// <summary>The issuer of <c>auth.jwt</c> that the token says to be of; null for any other.</summary>
    public Configuration.JwtOptions? Issuer { get; init; }

    /// <summary>It is good.</summary>
    /// <param name="Caller">Whose it is.</param>
    /// <param name="ExpiresAt">When it expires.</param>
    /// <param name="IsBackstage">Whether it is one of Backstage's: no cluster ever sees such a token.</param>
    public sealed record Known(Caller.Portal Caller, DateTimeOffset ExpiresAt, bool IsBackstage) : TokenVerdict
    {
        /// <summary>What Backstage says of whose token it is.</summary>
        public PortalPrincipal Principal { get; init; }
    }

    /// <summary>It is no JWT, or of nobody who is configured: others may know it.</summary>
    public sealed record NotOurs : TokenVerdict
    {
        /// <summary>The only instance.</summary>
        public static NotOurs Instance { get; } = new();
    }

    /// <summary>It is of somebody who is configured, and not acceptable.</summary>
    /// <param name="Message">Why, for the caller.</param>
    public sealed record Refused(string Message) : TokenVerdict;

    /// <summary>Whether it is good cannot be said now.</summary>
    /// <param name="Message">Why, for the caller.</param>
    public sealed record Unavailable(string Message) : TokenVerdict;
}
