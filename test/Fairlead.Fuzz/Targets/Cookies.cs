using System.Text.RegularExpressions;
using Fairlead.Callers;
using Fairlead.Configuration;
using Fairlead.Sessions;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Fuzz.Targets;

/// <summary>Cookies: what browsers send, and what Services set. An input is lines of <c>Cookie</c>, each of which is also tried as one of <c>Set-Cookie</c>.</summary>
internal static partial class Cookies
{
    private static readonly HeadlampCookie _headlamp = new(new SealedBox(new BrowserSessionOptions()), TimeProvider.System);
    private static readonly GatewayCookie[] _ours = [GatewayCookie.Session, GatewayCookie.Service, GatewayCookie.Ticket, GatewayCookie.Login("a")];

    /// <summary>Reads the cookies of one request.</summary>
    public static bool Attack(byte[] input)
    {
        var lines = InputText.Lines(input);
        var cookies = new StringValues(lines);
        var found = false;
        foreach (var cookie in _ours)
        {
            foreach (var isSecure in (bool[])[true, false])
            {
                if (cookie.Find(cookies, isSecure) is not { } value)
                {
                    continue;
                }

                found = true;
                var name = cookie.Set("", isSecure).Split('=')[0];
                Invariant.Holds(!value.Contains(';', StringComparison.Ordinal), "the value is more than one cookie");
                Invariant.Holds(Values(lines, name).All(other => other is null || string.Equals(other, value, StringComparison.Ordinal)), "two values differ, and one was taken");
                Invariant.Holds(GatewayCookie.IsOurs(name), "our own name is not known for ours");
            }
        }

        if (_headlamp.Find(cookies, "main") is { } token)
        {
            found = true;
            Invariant.Holds(token.All(static character => character is > ' ' and < '\x7f'), "Headlamp's token is none");
        }

        CheckService(cookies);
        foreach (var line in lines)
        {
            CheckSet(line);
        }

        return found;
    }

    private static IEnumerable<string?> Values(string[] lines, string name) =>
        lines.SelectMany(static line => line.Split(';')).Select(static pair => pair.Trim()).Where(pair => pair.StartsWith(name + "=", StringComparison.Ordinal)).Select(pair => pair[(name.Length + 1)..].Trim());

    private static void CheckService(StringValues cookies)
    {
        if (ServiceCookie.WithoutOurs(cookies) is not { } rest)
        {
            return;
        }

        Invariant.Holds(!rest.Split(';').Any(static pair => OurName().IsMatch(pair.Split('=')[0].Trim())), "a Service sees a cookie of the gateway's");
        Invariant.Same(ServiceCookie.WithoutOurs(rest), rest, "what a Service sees, read again");
        Invariant.Holds(!rest.Contains('\n', StringComparison.Ordinal), "the line is two");
    }

    private static void CheckSet(string line)
    {
        if (ServiceCookie.Confined(line) is not { } set)
        {
            return;
        }

        var parts = set.Split(';');
        Invariant.Holds(parts[0].IndexOf('=', StringComparison.Ordinal) > 0 && !OurName().IsMatch(parts[0].Split('=')[0].Trim()), "a Service sets a cookie of the gateway's");
        Invariant.Holds(!parts.Skip(1).Any(static part => part.Trim().StartsWith("domain", StringComparison.OrdinalIgnoreCase)), "a Service sets a cookie for a domain");
        Invariant.Same(ServiceCookie.Confined(set), set, "what a Service sets, read again");
    }

    // Browsers compare the prefixes without case (RFC 6265bis 5.7).
    [GeneratedRegex(@"\A((__host-|__secure-)?fairlead-|headlamp-auth-)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OurName();
}
