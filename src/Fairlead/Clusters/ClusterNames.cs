namespace Fairlead.Clusters;

/// <summary>What a cluster may be called, and how its name is spelt in a URL.</summary>
internal static class ClusterNames
{
    /// <summary>The rule as a message says it.</summary>
    public const string Rule = "must not hold control characters, nor blanks at its ends: no header could carry it";

    /// <summary>Whether a header can carry the name; HTTP trims blanks (RFC 9110 5.5).</summary>
    public static bool IsUsable(string name) =>
        name.Length > 0 && !name.Any(char.IsControl) && !char.IsWhiteSpace(name[0]) && !char.IsWhiteSpace(name[^1]);

    /// <summary>Whether nothing in the name parts a qualified name, in a URL or elsewhere: it can be no other cluster's.</summary>
    public static bool IsPlain(string name) => !name.Contains('/', StringComparison.Ordinal) && !name.Contains("--", StringComparison.Ordinal);

    /// <summary>Whether the name looks like the qualified one of a cluster of <paramref name="locator"/>.</summary>
    public static bool IsBelow(string locator, string name) =>
        name.StartsWith(locator, StringComparison.Ordinal) && (name.AsSpan(locator.Length).StartsWith("/", StringComparison.Ordinal) || name.AsSpan(locator.Length).StartsWith("--", StringComparison.Ordinal));

    /// <summary>
    /// A name as it stands in a URL: kubectl decodes <c>%2F</c> in a server path, so a slash is printed as <c>--</c> and a blank as
    /// <c>__</c> (decision 2; Headlamp prints names the same way).
    /// </summary>
    public static string ForUrl(string name) =>
        name.Replace("/", "--", StringComparison.Ordinal).Replace(" ", "__", StringComparison.Ordinal);
}
