using Microsoft.Extensions.Primitives;

namespace Fairlead.Sessions;

/// <summary>Cookies on a Service's own host name. The Service sees none of the gateway's and has no way to set one.</summary>
internal static class ServiceCookie
{
    /// <summary>The cookies that are the Service's own, as one line; null for none.</summary>
    public static string? WithoutOurs(StringValues cookies)
    {
        var rest = string.Join("; ", CookieLine.Pairs(cookies).Where(static pair => !GatewayCookie.IsOurs(pair.Name)).Select(static pair => pair.Value is null ? pair.Name : $"{pair.Name}={pair.Value}"));
        return rest.Length == 0 ? null : rest;
    }

    /// <summary>A Service's <c>Set-Cookie</c>, confined to its own host name; null for one that is not its to set.</summary>
    public static string? Confined(string line)
    {
        var attributes = line.Split(';');
        var equals = attributes[0].IndexOf('=', StringComparison.Ordinal);
        // Without a name the value is the name to some browsers.
        var name = (equals < 0 ? attributes[0] : attributes[0][..equals]).Trim();
        return equals <= 0 || name.Length == 0 || GatewayCookie.IsOurs(name) ? null
            : string.Join(';', attributes.Where(static (attribute, i) => i == 0 || !attribute.Trim().StartsWith("Domain", StringComparison.OrdinalIgnoreCase)));
    }
}
