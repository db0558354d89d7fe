using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Fairlead.Access;

/// <summary>The resources of the core group: the only ones that are written without a group (decision 14).</summary>
internal static class CoreResources
{
    private static readonly FrozenSet<string> _names = FrozenSet.Create(
        StringComparer.Ordinal,
        "bindings", "componentstatuses", "configmaps", "endpoints", "events", "limitranges", "namespaces", "nodes", "persistentvolumeclaims", "persistentvolumes", "pods",
        "podtemplates", "replicationcontrollers", "resourcequotas", "secrets", "serviceaccounts", "services");

    /// <summary>Their plurals.</summary>
    public static ImmutableArray<string> All => _names.Items;

    /// <summary>Whether it is one of them, by its plural.</summary>
    public static bool Contains(string plural) => _names.Contains(plural);

    /// <summary>Whether a rule that names <paramref name="resource"/> can speak of anything: it has a group or a pattern, or is one of these.</summary>
    public static bool MayBeMeant(string resource)
    {
        var plural = resource.Split('/')[0];
        return plural.AsSpan().ContainsAny('.', '*') || Contains(plural);
    }
}
