using Fairlead.Credentials.Impersonation;
using Fairlead.Kubernetes.Connections;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Doors;

/// <summary>
/// The <c>Impersonate-*</c> headers of a client (Kubernetes, "User impersonation"). They are read once: where they pass on (decision 5), what was read is what is
/// written, line by line.
/// </summary>
/// <param name="User">Whom the client asks to be.</param>
/// <param name="Problem">What is wrong with the headers; null when nothing is.</param>
internal sealed record RequestedImpersonation(ImpersonatedUser? User, string? Problem)
{
    private const string Prefix = "Impersonate-";
    private const string Extra = "Impersonate-Extra-";

    /// <summary>Whether a header belongs to impersonation, however it is spelled.</summary>
    public static bool Concerns(string name) => name.StartsWith("Impersonate", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads them; there is at least one.</summary>
    public static RequestedImpersonation Read(IHeaderDictionary headers)
    {
        string? user = null, uid = null;
        IReadOnlyList<string> groups = [];
        var extras = new List<KeyValuePair<string, IReadOnlyList<string>>>();
        foreach (var (name, values) in headers)
        {
            if (!Concerns(name))
            {
                continue;
            }

            string[] lines = [.. values.Select(static value => value ?? "")];
            if (!lines.All(HeaderLines.CanCarry))
            {
                return Wrong($"{name} has no value, or one that is not printable");
            }

            if (Is(name, "Group"))
            {
                groups = lines;
            }
            else if (name.StartsWith(Extra, StringComparison.OrdinalIgnoreCase) && KeyIn(name[Extra.Length..]) is { } key)
            {
                extras.Add(new(key, lines));
            }
            else if (lines.Length == 1 && Is(name, "User"))
            {
                user = lines[0];
            }
            else if (lines.Length == 1 && Is(name, "Uid"))
            {
                uid = lines[0];
            }
            else
            {
                return Wrong(lines.Length > 1 && (Is(name, "User") || Is(name, "Uid")) ? $"{name} was sent more than once" : $"{name} is no header of Kubernetes' user impersonation");
            }
        }

        return Nominates(headers.Connection) ? Wrong("Connection nominates an Impersonate-* header: the request would run as somebody else than it says")
            : user is null ? Wrong("Impersonate-User is missing; the other Impersonate-* headers need it")
            : new RequestedImpersonation(new ImpersonatedUser(user, groups, uid, extras), null);
    }

    private static bool Is(string name, string rest) => name.Length == Prefix.Length + rest.Length && name.EndsWith(rest, StringComparison.OrdinalIgnoreCase) && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The key of an extra, as an API server reads it: in lower case, unescaped. Null for one that it would leave as it is.</summary>
    private static string? KeyIn(string escaped) =>
        escaped.Length > 0 && PercentByte.Decode(escaped.ToLowerInvariant()) is { } key && key.All(static character => character is >= ' ' and <= '~') ? key : null;

    private static bool Nominates(StringValues connection) => connection.Any(static line => (line ?? "").Split(',').Any(static name => Concerns(name.Trim())));

    private static RequestedImpersonation Wrong(string problem) => new(null, problem);
}
