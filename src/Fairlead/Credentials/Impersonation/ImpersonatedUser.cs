using System.Text;
using Fairlead.Callers;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Credentials.Impersonation;

/// <summary>Somebody as a cluster is to see them (Kubernetes, "User impersonation").</summary>
/// <param name="Name">The user.</param>
/// <param name="Groups">The groups.</param>
/// <param name="Uid">The uid; null for none.</param>
/// <param name="Extras">The values of each extra, by its key.</param>
internal sealed record ImpersonatedUser(string Name, IReadOnlyList<string> Groups, string? Uid, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Extras)
{
    private const string ExtraPrefix = "Impersonate-Extra-";

    // What may stand in a header's name (RFC 9110 5.6.2), without the percent sign, which escapes what may not.
    private const string NameCharacters = "!#$&'*+-.^_`|~";

    /// <summary>A hash of all of it: the same for the same user.</summary>
    public TokenHash Key { get; } = Hash(Name, Groups, Uid, Extras);

    /// <summary>Writes the headers: one line for each value.</summary>
    /// <exception cref="ArgumentException">A value cannot stand in a header.</exception>
    public void WriteTo(HttpRequestMessage request)
    {
        HeaderLines.Add(request, "Impersonate-User", [Name]);
        if (Groups.Count > 0)
        {
            HeaderLines.Add(request, "Impersonate-Group", Groups);
        }

        if (Uid is not null)
        {
            HeaderLines.Add(request, "Impersonate-Uid", [Uid]);
        }

        foreach (var (key, values) in Extras)
        {
            HeaderLines.Add(request, ExtraPrefix + Escaped(key), values);
        }
    }

    /// <summary>An extra's key as a header's name carries it (apiserver <c>unescapeExtraKey</c>). The server reads the name in small letters, so a capital one is escaped too.</summary>
    private static string Escaped(string key)
    {
        var escaped = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(key))
        {
            if (char.IsAsciiLetterLower((char)value) || char.IsAsciiDigit((char)value) || NameCharacters.Contains((char)value, StringComparison.Ordinal))
            {
                escaped.Append((char)value);
            }
            else
            {
                escaped.Append('%').Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return escaped.ToString();
    }

    private static TokenHash Hash(string name, IReadOnlyList<string> groups, string? uid, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> extras)
    {
        // Each part with its length before it, so that no two users write the same.
        var text = new StringBuilder();
        Append(text, [name]);
        Append(text, groups);
        Append(text, uid is null ? [] : [uid]);
        foreach (var (key, values) in extras)
        {
            Append(text, [key]);
            Append(text, values);
        }

        return TokenHash.Of(text.ToString());

        static void Append(StringBuilder text, IReadOnlyList<string> parts)
        {
            text.Append(parts.Count).Append(';');
            foreach (var part in parts)
            {
                text.Append(part.Length).Append(':').Append(part);
            }
        }
    }
}
