using System.Buffers.Text;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Doors;

/// <summary>
/// What a client offers in <c>Sec-WebSocket-Protocol</c>, with the Kubernetes bearer sub-protocol taken out: a browser cannot
/// set headers on a WebSocket, so its token comes this way (contract F35 c).
/// </summary>
/// <param name="Offered">The remaining sub-protocols as one header value; null when the header is forwarded as it came.</param>
/// <param name="BearerToken">The decoded token; null when none was offered.</param>
/// <param name="Ticket">The one-time ticket (contract F35 b); null when none was offered.</param>
/// <param name="Problem">What is wrong with the offer; null when nothing is.</param>
internal sealed record WebSocketProtocols(string? Offered, string? BearerToken, string? Ticket, string? Problem)
{
    private const string CredentialPrefix = "base64url.";
    private const string BearerPrefix = CredentialPrefix + "bearer.authorization.k8s.io.";
    private const string TicketPrefix = "ticket.fairlead.dev.";
    private const string HeadlampPrefix = CredentialPrefix + "headlamp.";

    /// <summary>An offer without a token.</summary>
    public static WebSocketProtocols Untouched { get; } = new(null, null, null, null);

    /// <summary>Without the token and the ticket.</summary>
    public override string ToString() => $"{nameof(WebSocketProtocols)} {{ Offered = {Offered}, Problem = {Problem} }}";

    /// <summary>Reads the header's lines.</summary>
    public static WebSocketProtocols Parse(StringValues lines)
    {
        if (!lines.ToString().Contains(CredentialPrefix, StringComparison.Ordinal) && !lines.ToString().Contains(TicketPrefix, StringComparison.Ordinal))
        {
            return Untouched;
        }

        var remaining = new List<string>();
        string? token = null, ticket = null;
        var hasHeadlamp = false;
        foreach (var offer in lines.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (offer.StartsWith(HeadlampPrefix, StringComparison.Ordinal))
            {
                // A user's id and the backend's token: read by nobody here, and no upstream's business (contract headlamp.md S19, F44).
                hasHeadlamp = true;
            }
            else if (offer.StartsWith(TicketPrefix, StringComparison.Ordinal))
            {
                if (ticket is not null)
                {
                    return Wrong("a ticket is offered twice");
                }

                ticket = offer[TicketPrefix.Length..];
            }
            else if (!offer.StartsWith(BearerPrefix, StringComparison.Ordinal))
            {
                remaining.Add(offer);
            }
            else if (token is not null)
            {
                return Wrong("the bearer sub-protocol is offered twice");
            }
            else if (Decode(offer[BearerPrefix.Length..]) is { } decoded)
            {
                token = decoded;
            }
            else
            {
                return Wrong("the token of the bearer sub-protocol is not base64url without padding");
            }
        }

        return token is null && ticket is null && !hasHeadlamp ? Untouched
            : remaining.Count == 0
            ? Wrong("a bearer sub-protocol or a ticket needs another one beside it, such as v5.channel.k8s.io")
            : new WebSocketProtocols(string.Join(", ", remaining), token, ticket, null);
    }

    private static WebSocketProtocols Wrong(string problem) => new(null, null, null, $"Sec-WebSocket-Protocol: {problem}");

    private static string? Decode(string text)
    {
        if (text.Length == 0 || text.Contains('=', StringComparison.Ordinal) || !Base64Url.IsValid(text))
        {
            return null;
        }

        var token = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
        return token.AsSpan().ContainsAnyExceptInRange('!', '~') ? null : token;
    }
}
