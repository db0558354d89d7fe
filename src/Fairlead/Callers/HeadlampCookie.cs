using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Fairlead.Doors;
using Fairlead.Sessions;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Callers;

/// <summary>
/// The cookies <c>headlamp-auth-{cluster}.{i}</c>, in which a Headlamp front end keeps the token for one cluster (contract <c>headlamp.md</c> S17, F41).
/// What the gateway writes is sealed and good for that cluster only; a raw token in pieces, from the shipped server, is read too.
/// </summary>
internal sealed class HeadlampCookie(SealedBox box, TimeProvider time)
{
    /// <summary>The longest token that is taken.</summary>
    public const int LongestToken = 32 * 1024;

    private const string SealedPrefix = "fl1.";
    private const int PieceLength = 3800;
    private const int MostPieces = 20;
    private const int LongestName = 50;

    /// <summary>The token for a cluster; null for none, for one that has expired, and for one that was sealed for another cluster.</summary>
    /// <param name="cookies">The lines of <c>Cookie</c>.</param>
    /// <param name="cluster">The cluster's name as the request gives it.</param>
    public string? Find(StringValues cookies, string cluster)
    {
        if (cookies.Count == 0 || Join(cookies, NameOf(cluster)) is not { Length: > 0 } value)
        {
            return null;
        }

        if (!value.StartsWith(SealedPrefix, StringComparison.Ordinal))
        {
            return value.AsSpan().ContainsAnyExceptInRange('!', '~') ? null : value;
        }

        if (box.Open(PurposeOf(cluster), value.AsSpan(SealedPrefix.Length)) is not { Length: > sizeof(long) } opened)
        {
            return null;
        }

        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(opened));
        return expiresAt <= time.GetUtcNow() ? null : Encoding.UTF8.GetString(opened.AsSpan(sizeof(long)));
    }

    /// <summary>The lines that set a token, or take it away, with every piece of an older one.</summary>
    /// <param name="request">The request, whose cookies tell which older pieces there are.</param>
    /// <param name="cluster">The cluster's name as the request gives it.</param>
    /// <param name="token">The token; null to take it away.</param>
    /// <param name="lifetime">For how long.</param>
    /// <param name="paths">The paths that the cookie is for.</param>
    public string[] Lines(InboundRequest request, string cluster, string? token, TimeSpan lifetime, params IReadOnlyList<string> paths)
    {
        var name = NameOf(cluster);
        var value = token is null ? "" : SealedPrefix + box.Seal(PurposeOf(cluster), Payload(token, time.GetUtcNow() + lifetime));
        var pieces = value.Length == 0 ? [] : value.Chunk(PieceLength).Select(static piece => new string(piece)).ToArray();
        var present = CookieLine.Pairs(request.Cookies).Select(pair => IndexIn(pair.Name, name)).Append(-1).Max();
        var lines = new List<string>();
        foreach (var path in paths)
        {
            for (var i = 0; i < pieces.Length; i++)
            {
                lines.Add(Line(name, i, pieces[i], path, (long)lifetime.TotalSeconds, request.IsSecure));
            }

            for (var i = pieces.Length; i <= present || (pieces.Length == 0 && i == 0); i++)
            {
                lines.Add(Line(name, i, "", path, 0, request.IsSecure));
            }
        }

        return [.. lines];
    }

    /// <summary>Headlamp's own spelling: other characters are left out.</summary>
    private static string NameOf(string cluster)
    {
        var kept = new string([.. cluster.Where(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')]);
        return $"headlamp-auth-{(kept.Length > LongestName ? kept[..LongestName] : kept)}.";
    }

    // Names that are spelled alike share a cookie, and not what is in it.
    private static string PurposeOf(string cluster) => "set-token/1/" + cluster;

    private static string? Join(StringValues cookies, string name)
    {
        var first = CookieLine.Value(cookies, name + "0");
        if (first is null)
        {
            return null;
        }

        var value = new StringBuilder(first);
        for (var i = 1; i < MostPieces && CookieLine.Value(cookies, name + i.ToString(CultureInfo.InvariantCulture)) is { } piece; i++)
        {
            value.Append(piece);
        }

        return value.ToString();
    }

    private static int IndexIn(string cookie, string name) =>
        cookie.StartsWith(name, StringComparison.Ordinal) && int.TryParse(cookie.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < MostPieces ? index : -1;

    private static byte[] Payload(string token, DateTimeOffset expiresAt)
    {
        var payload = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(token)];
        BinaryPrimitives.WriteInt64BigEndian(payload, expiresAt.ToUnixTimeSeconds());
        Encoding.UTF8.GetBytes(token, payload.AsSpan(sizeof(long)));
        return payload;
    }

    private static string Line(string name, int index, string piece, string path, long seconds, bool isSecure) => string.Create(
        CultureInfo.InvariantCulture, $"{name}{index}={piece}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Strict{(isSecure ? "; Secure" : "")}");
}
