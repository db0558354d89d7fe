using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Sessions;

/// <summary>
/// A cookie of the gateway's own. Over https its name has a prefix by which browsers refuse it from any other host, and with <c>__Host-</c> for
/// any other path (RFC 6265bis 4.1.3); over http nothing can be Secure, and the name has none.
/// </summary>
internal sealed class GatewayCookie
{
    private const string Start = "fairlead-";
    private const string LoginStart = Start + "login-";

    private readonly string _plainName;
    private readonly string _secureName;
    private readonly string _sameSite;

    private GatewayCookie(string name, string prefix, string sameSite)
    {
        _plainName = Start + name;
        _secureName = prefix + Start + name;
        _sameSite = sameSite;
    }

    /// <summary>The key of a browser's session at the gateway. Lax: a login ends with a navigation from the provider's page.</summary>
    public static GatewayCookie Session { get; } = new("session", "__Host-", "Lax");

    /// <summary>The key of a session on a Service's own host name.</summary>
    public static GatewayCookie Service { get; } = new("service", "__Host-", "Lax");

    /// <summary>A ticket for one WebSocket, on the path of that WebSocket: no <c>__Host-</c>, which wants the path <c>/</c>.</summary>
    public static GatewayCookie Ticket { get; } = new("ticket", "__Secure-", "Strict");

    /// <summary>One attempt to sign in, bound to the browser that made it.</summary>
    /// <param name="attempt">What tells it from the browser's other attempts.</param>
    public static GatewayCookie Login(string attempt) => new($"login-{attempt}", "__Host-", "Lax");

    /// <summary>Which attempt a cookie's name is about; null for another cookie.</summary>
    public static string? LoginIdIn(string name)
    {
        var at = name.IndexOf(LoginStart, StringComparison.Ordinal);
        return at == 0 || (at > 0 && name.StartsWith("__Host-", StringComparison.Ordinal)) ? name[(at + LoginStart.Length)..] : null;
    }

    /// <summary>Whether a cookie is the gateway's own: no Service sees it or can set it.</summary>
    public static bool IsOurs(string name) =>
        name.StartsWith(Start, StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("__Host-fairlead", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("__Secure-fairlead", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("headlamp-auth-", StringComparison.OrdinalIgnoreCase);

    /// <summary>The value in the lines of <c>Cookie</c>; null for none, and for several that differ.</summary>
    /// <param name="cookies">The lines.</param>
    /// <param name="isSecure">Whether the browser sees https.</param>
    public string? Find(StringValues cookies, bool isSecure) => cookies.Count == 0 ? null : CookieLine.Value(cookies, isSecure ? _secureName : _plainName);

    /// <summary>The line that sets it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isSecure">Whether the browser sees https.</param>
    /// <param name="path">The path.</param>
    /// <param name="lifetime">For how long; null: until the browser closes.</param>
    public string Set(string value, bool isSecure, string path = "/", TimeSpan? lifetime = null)
    {
        var line = new StringBuilder(isSecure ? _secureName : _plainName).Append('=').Append(value).Append("; Path=").Append(path)
            .Append("; HttpOnly; SameSite=").Append(_sameSite);
        if (lifetime is { } span)
        {
            line.Append(CultureInfo.InvariantCulture, $"; Max-Age={(long)span.TotalSeconds}");
        }

        return (isSecure ? line.Append("; Secure") : line).ToString();
    }

    /// <summary>The line that takes it away.</summary>
    public string Clear(bool isSecure, string path = "/") => Set("", isSecure, path, TimeSpan.Zero);
}
