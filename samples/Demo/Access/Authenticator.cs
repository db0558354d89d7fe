using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Fairlead.Demo.Serving;

namespace Fairlead.Demo.Access;

/// <summary>Finds out who calls, in the API server's order: client certificate, bearer token, WebSocket sub-protocol.</summary>
internal sealed class Authenticator
{
    private const string BearerProtocol = "base64url.bearer.authorization.k8s.io.";
    private readonly ConcurrentDictionary<string, Identity> _tokens = new(StringComparer.Ordinal);

    /// <summary>Lets the holder of <paramref name="token"/> in.</summary>
    public void Add(string token, Identity identity) => _tokens[token] = identity;

    /// <summary>Lets nobody in by <paramref name="token"/> any more.</summary>
    public void Remove(string token) => _tokens.TryRemove(token, out _);

    /// <summary>The owner of a token; null when it is unknown.</summary>
    public Identity? Owner(string token) => _tokens.GetValueOrDefault(token);

    /// <summary>The caller of <paramref name="http"/>.</summary>
    /// <exception cref="ApiException">A token is not known.</exception>
    public Identity Identify(HttpContext http)
    {
        if (http.Connection.ClientCertificate is { } certificate)
        {
            return FromCertificate(certificate);
        }

        var header = http.Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : TokenInProtocol(http);
        if (token is null)
        {
            return Identity.Anonymous;
        }

        var owner = Owner(token) ?? throw new ApiException(401, "Unauthorized", "Unauthorized");
        return owner with { Groups = [.. owner.Groups, "system:authenticated"] };
    }

    private static Identity FromCertificate(X509Certificate2 certificate)
    {
        var parts = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Select(static name => (Type: name.GetSingleElementType().Value, Value: name.GetSingleElementValue() ?? "")).ToArray();
        return new Identity(
            parts.FirstOrDefault(static part => part.Type is "2.5.4.3").Value ?? "",
            [.. parts.Where(static part => part.Type is "2.5.4.10").Select(static part => part.Value), "system:authenticated"]);
    }

    private static string? TokenInProtocol(HttpContext http)
    {
        var offered = http.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(static name => name.StartsWith(BearerProtocol, StringComparison.Ordinal));
        return offered is null ? null : System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(offered.AsSpan(BearerProtocol.Length)));
    }
}
