using System.Text;

namespace Fairlead.Doors;

/// <summary>What caches may do with answers of the service door (contract <c>headlamp.md</c> S5b, F31).</summary>
internal static class CacheHeaders
{
    /// <summary>Puts exactly the four headers there that Headlamp's own server sends.</summary>
    public static void Forbid(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-cache, private, max-age=0";
        headers.Expires = "Thu, 01 Jan 1970 00:00:00 GMT";
        headers.Pragma = "no-cache";
        headers["X-Accel-Expires"] = "0";
    }

    /// <summary>Keeps a Service's own <c>Cache-Control</c> to the caller's cache alone: what a caller may see is not for others.</summary>
    public static void Confine(IHeaderDictionary headers)
    {
        if (headers.CacheControl.Count == 0)
        {
            Forbid(headers);
            return;
        }

        var kept = new StringBuilder("private");
        foreach (var line in headers.CacheControl)
        {
            foreach (var directive in Directives(line ?? ""))
            {
                var equals = directive.IndexOf('=', StringComparison.Ordinal);
                var name = (equals < 0 ? directive : directive[..equals]).TrimEnd();
                // private="field" would leave the rest of the answer to shared caches.
                if (directive.Length > 0 && !Is(name, "public") && !Is(name, "s-maxage") && !Is(name, "private"))
                {
                    kept.Append(", ").Append(directive);
                }
            }
        }

        headers.CacheControl = kept.ToString();
        headers.Remove("X-Accel-Expires");

        static bool Is(string name, string directive) => name.Equals(directive, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The directives of a line; a comma in a quoted string parts nothing (RFC 9111 5.2).</summary>
    private static List<string> Directives(string line)
    {
        var directives = new List<string>();
        var (start, isQuoted) = (0, false);
        for (var i = 0; i <= line.Length; i++)
        {
            if (i == line.Length || (line[i] == ',' && !isQuoted))
            {
                directives.Add(line[start..i].Trim());
                start = i + 1;
            }
            else if (line[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (line[i] == '\\' && isQuoted)
            {
                i++;
            }
        }

        return directives;
    }
}
