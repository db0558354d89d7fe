using Microsoft.Extensions.Primitives;

namespace Fairlead.Sessions;

/// <summary>The cookie of a session on a Service's own host name. The Service sees neither it nor a way to set it.</summary>
internal static class ServiceCookie
{
    /// <summary>Its name over https: the prefix makes browsers refuse it from any other host or path (RFC 6265bis 4.1.3).</summary>
    public const string SecureName = "__Host-fairlead-service";

    /// <summary>Its name over http, where nothing can be Secure.</summary>
    public const string PlainName = "fairlead-service";

    /// <summary>The session's key in the lines of <c>Cookie</c>; null for none, and for several that differ.</summary>
    public static string? KeyIn(StringValues cookies, bool isHttps)
    {
        string? found = null;
        foreach (var (name, value) in Pairs(cookies))
        {
            if (string.Equals(name, isHttps ? SecureName : PlainName, StringComparison.Ordinal))
            {
                if (found is not null && !string.Equals(found, value, StringComparison.Ordinal))
                {
                    return null;
                }

                found = value;
            }
        }

        return found;
    }

    /// <summary>The cookies that are the Service's own, as one line; null for none.</summary>
    public static string? WithoutOurs(StringValues cookies)
    {
        var rest = string.Join("; ", Pairs(cookies).Where(static pair => !IsOurs(pair.Name)).Select(static pair => pair.Value is null ? pair.Name : $"{pair.Name}={pair.Value}"));
        return rest.Length == 0 ? null : rest;
    }

    /// <summary>A Service's <c>Set-Cookie</c>, confined to its own host name; null for one that is not its to set.</summary>
    public static string? Confined(string line)
    {
        var attributes = line.Split(';');
        var equals = attributes[0].IndexOf('=', StringComparison.Ordinal);
        // Without a name the value is the name to some browsers.
        var name = (equals < 0 ? attributes[0] : attributes[0][..equals]).Trim();
        return equals <= 0 || name.Length == 0 || IsOurs(name) ? null
            : string.Join(';', attributes.Where(static (attribute, i) => i == 0 || !attribute.Trim().StartsWith("Domain", StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>The line that sets it.</summary>
    public static string Set(string key, bool isHttps) => $"{(isHttps ? SecureName : PlainName)}={key}; Path=/; HttpOnly; SameSite=Lax{(isHttps ? "; Secure" : "")}";

    /// <summary>The line that takes it away.</summary>
    public static string Clear(bool isHttps) => Set("", isHttps) + "; Max-Age=0";

    private static bool IsOurs(string name) =>
        name.StartsWith("__Host-fairlead", StringComparison.OrdinalIgnoreCase) || name.StartsWith("fairlead-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("headlamp-auth-", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<(string Name, string? Value)> Pairs(StringValues cookies)
    {
        foreach (var line in cookies)
        {
            foreach (var pair in (line ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                yield return equals < 0 ? (pair, null) : (pair[..equals].Trim(), pair[(equals + 1)..].Trim());
            }
        }
    }
}
