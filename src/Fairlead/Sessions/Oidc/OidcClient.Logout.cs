using System.Text.Json;
using Fairlead.Callers.Tokens;

namespace Fairlead.Sessions.Oidc;

/// <summary>Who has left, by their provider's word: one session, or all of a person.</summary>
/// <param name="Issuer"><c>iss</c>.</param>
/// <param name="Subject"><c>sub</c>; null where only the session is named.</param>
/// <param name="ProviderSession"><c>sid</c>; null where only the person is named.</param>
internal sealed record LogoutNotice(string Issuer, string? Subject, string? ProviderSession);

internal sealed partial class OidcClient
{
    private const string LogoutEvent = "http://schemas.openid.net/event/backchannel-logout";
    private static readonly TimeSpan _oldestNotice = TimeSpan.FromMinutes(5);

    /// <summary>Reads a logout token (OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6). One is good once.</summary>
    public async Task<OidcAnswer<LogoutNotice>> ReadLogoutTokenAsync(string text, ISessionStore store, CancellationToken cancellationToken)
    {
        if (SignedToken.Read(text) is not { } token)
        {
            return Refuse("it is no JWT");
        }

        if (!(token.Type is "" || token.Type.Equals("logout+jwt", StringComparison.OrdinalIgnoreCase) || token.Type.Equals("application/logout+jwt", StringComparison.OrdinalIgnoreCase)
            || token.Type.Equals("JWT", StringComparison.OrdinalIgnoreCase)))
        {
            return Refuse("it is of another type (typ)");
        }

        var result = await token.CheckAsync(_keys, IdTokenRules with { RequiresExpiry = false }, _time, cancellationToken);
        if (result.Problem is { } problem)
        {
            return result.IsUnavailable ? new OidcAnswer<LogoutNotice>.Unavailable(problem) : Refuse(problem);
        }

        var claims = result.Claims;
        var (subject, session, id) = (Text(claims, "sub"), Text(claims, "sid"), Text(claims, "jti"));
        if (!(claims.TryGetProperty("iat", out var iat) && iat.ValueKind is JsonValueKind.Number && iat.TryGetDouble(out var issued)
            && issued >= (_time.GetUtcNow() - _oldestNotice - SignedToken.ClockSkew).ToUnixTimeSeconds()))
        {
            return Refuse("it is too old, or does not say when it was issued (iat)");
        }

        if (claims.TryGetProperty("nonce", out _))
        {
            return Refuse("it has a nonce, as an ID token has");
        }

        if (!(claims.TryGetProperty("events", out var events) && events.ValueKind is JsonValueKind.Object && events.TryGetProperty(LogoutEvent, out var member) && member.ValueKind is JsonValueKind.Object))
        {
            return Refuse("it names no logout (events)");
        }

        if (subject is null && session is null)
        {
            return Refuse("it names nobody (sub, sid)");
        }

        if (id is null)
        {
            return Refuse("it has no jti");
        }

        // Remembered for as long as it would be young enough to be taken again.
        return await store.RememberOnceAsync($"logout/{TokenIssuer}/{id}", _time.GetUtcNow() + _oldestNotice + (3 * SignedToken.ClockSkew), cancellationToken) switch
        {
            StoreStatus.Done => new OidcAnswer<LogoutNotice>.Done(new LogoutNotice(TokenIssuer, subject, session)),
            StoreStatus.Conflict => Refuse("it was used already (jti)"),
            _ => new OidcAnswer<LogoutNotice>.Unavailable("The store of sessions cannot be reached; try again"),
        };
    }

    private static OidcAnswer<LogoutNotice>.Refused Refuse(string why) => new($"The logout token is not acceptable: {why}");
}
