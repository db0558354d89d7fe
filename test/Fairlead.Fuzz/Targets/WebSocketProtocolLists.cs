using Fairlead.Doors;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Fuzz.Targets;

/// <summary>What clients offer in <c>Sec-WebSocket-Protocol</c>. An input is the header's lines.</summary>
internal static class WebSocketProtocolLists
{
    /// <summary>Reads the lines of one request.</summary>
    public static bool Attack(byte[] input)
    {
        var lines = InputText.Lines(input);
        var read = WebSocketProtocols.Parse(new StringValues(lines));
        if (read.Problem is not null)
        {
            Invariant.Holds(read is { Offered: null, BearerToken: null, Ticket: null }, "a wrong offer is used");
            Invariant.Holds(lines.Any(static line => Tokens(line).Any(IsOurs)), "an offer without a credential was refused");
            return false;
        }

        // What stands there is forwarded: an API server splits it at commas and trims each part, as Go does.
        var forwarded = read.Offered is { } offered ? [offered] : lines;
        foreach (var token in forwarded.SelectMany(Tokens))
        {
            Invariant.Holds(!IsOurs(token), "a credential is forwarded in an offer");
        }

        Invariant.Holds(read.BearerToken is null || (read.BearerToken.Length > 0 && read.BearerToken.All(static character => character is > ' ' and < '\x7f')), "the token is none");
        Invariant.Holds(read.Ticket is null || !read.Ticket.Contains(',', StringComparison.Ordinal), "the ticket is several");
        Invariant.Holds((read.BearerToken ?? read.Ticket) is null || !string.IsNullOrEmpty(read.Offered), "nothing is offered beside the credential");
        if (read.Offered is not null)
        {
            Invariant.Same(read.Offered, string.Join(", ", lines.SelectMany(Tokens).Where(static token => !IsOurs(token))), "the rest of the offer");
        }

        return true;
    }

    private static IEnumerable<string> Tokens(string line) =>
        line.Split(',').Select(static token => token.Trim()).Where(static token => token.Length > 0);

    private static bool IsOurs(string token) =>
        token.StartsWith("base64url.bearer.authorization.k8s.io.", StringComparison.Ordinal) || token.StartsWith("base64url.headlamp.", StringComparison.Ordinal)
        || token.StartsWith("ticket.fairlead.dev.", StringComparison.Ordinal);
}
