using System.Collections.Frozen;
using Fairlead.Configuration;

namespace Fairlead.Callers;

/// <summary>The machine callers of <c>auth.static</c>, by the hash of their token.</summary>
internal sealed class CallerDirectory
{
    private readonly FrozenDictionary<TokenHash, Identified> _callers;

    /// <summary>Reads the configured callers.</summary>
    /// <param name="auth">The <c>auth</c> section; null when nobody is configured.</param>
    public CallerDirectory(AuthOptions? auth)
    {
        KnowsPortalCallers = auth is not null;
        _callers = (auth?.Static ?? []).ToFrozenDictionary(
            static caller => TokenHash.FromHash(caller.TokenSha256.Span),
            static caller => new Identified(new Caller.Portal(caller.Subject, caller.Groups) { Claims = caller.Claims }, null)
            {
                Login = LoginKind.Static, Proof = TokenHash.FromHash(caller.TokenSha256.Span),
            });
    }

    /// <summary>Whether there is any way to log in to the gateway itself; without one only callers' own cluster tokens are accepted (decision 9).</summary>
    public bool KnowsPortalCallers { get; }

    /// <summary>Whether some token still stands for the caller.</summary>
    public bool Holds(Caller caller) => _callers.Values.Any(known => string.Equals(known.Caller.Name, caller.Name, StringComparison.Ordinal));

    /// <summary>The owner of the token with that hash, or null.</summary>
    public Identified? Find(TokenHash hash) => _callers.GetValueOrDefault(hash);

    /// <summary>The owner of <paramref name="token"/>, or null.</summary>
    public Identified? Find(ReadOnlySpan<char> token) => token.Length > 0 ? Find(TokenHash.Of(token)) : null;
}
