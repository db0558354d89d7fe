namespace Fairlead.Clusters;

/// <summary>The spellings of cluster names in URLs.</summary>
internal static class ClusterNames
{
    /// <summary>
    /// A name as it stands in a URL: kubectl decodes <c>%2F</c> in a server path, so a slash is printed as <c>--</c> and a blank as
    /// <c>__</c> (decision 2; Headlamp prints names the same way).
    /// </summary>
    public static string ForUrl(string name) =>
        name.Replace("/", "--", StringComparison.Ordinal).Replace(" ", "__", StringComparison.Ordinal);
}
