using Fairlead.Configuration;

namespace Fairlead.Doors.Auth;

/// <summary>Where a browser goes after a login. It cannot leave the gateway's origin, however it is spelled (row T71).</summary>
internal static class ReturnPath
{
    /// <summary>The path that is asked for; null for anything that is not plainly a path of this origin.</summary>
    /// <param name="asked">A path with an optional query, or an address of the gateway's own origin.</param>
    /// <param name="ownOrigin">The gateway's origin.</param>
    /// <param name="options">The configuration.</param>
    public static string? Of(string? asked, string ownOrigin, GatewayOptions options)
    {
        if (string.IsNullOrEmpty(asked))
        {
            return options.BaseUrl + "/";
        }

        var path = asked.StartsWith(ownOrigin + "/", StringComparison.Ordinal) ? asked[ownOrigin.Length..] : asked;
        // The target's own rules: it begins with a slash, and holds no backslash, blank, control byte, fragment or dot segment.
        return RequestTarget.Parse(path, options.Limits.RequestLine, out _) is not { } target || Leaves(target.Path) || Leaves(PercentByte.DecodeBytes(target.Path)) ? null : path;
    }

    /// <summary>A second slash, or what some browsers take for one, would make a host name of what follows.</summary>
    private static bool Leaves(ReadOnlySpan<char> path) => path.Length > 1 && path[1] is '/' or '\\' or < ' ';
}
