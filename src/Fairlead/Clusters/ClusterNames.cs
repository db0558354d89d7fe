namespace Fairlead.Clusters;

/// <summary>What a cluster may be called.</summary>
internal static class ClusterNames
{
    /// <summary>The rule as a message says it.</summary>
    public const string Rule = "must not hold control characters, nor blanks at its ends: no header could carry it";

    /// <summary>Whether a header can carry the name; HTTP trims blanks (RFC 9110 5.5).</summary>
    public static bool IsUsable(string name) =>
        name.Length > 0 && !name.Any(char.IsControl) && !char.IsWhiteSpace(name[0]) && !char.IsWhiteSpace(name[^1]);
}
