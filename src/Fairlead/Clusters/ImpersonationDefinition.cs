namespace Fairlead.Clusters;

/// <summary>Whom the gateway's account may pretend to be in a cluster (<c>impersonation</c>); equal when it says the same.</summary>
internal sealed record ImpersonationDefinition
{
    /// <summary>Everybody whose name is not reserved.</summary>
    public const string Anybody = "*";

    /// <summary>Names of callers who are impersonated (<c>users</c>), exact, or <c>*</c>.</summary>
    public required IReadOnlyList<string> Users { get; init; }

    /// <summary>Groups that are sent where the caller has them (<c>groups</c>), exact, or <c>*</c>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Names in the cluster by names of callers, where they differ (<c>userMap</c>). Only so can a reserved name be used.</summary>
    public IReadOnlyDictionary<string, string> UserMap { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Groups in the cluster by groups of callers, where they differ (<c>groupMap</c>). Only so can a reserved group be used.</summary>
    public IReadOnlyDictionary<string, string> GroupMap { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the caller's <c>uid</c> is sent where it is known (<c>uid</c>).</summary>
    public bool SendsUid { get; init; } = true;

    /// <summary>The claim by the key of the <c>extra</c> that its values are sent as (<c>extras</c>).</summary>
    public IReadOnlyDictionary<string, string> Extras { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool Equals(ImpersonationDefinition? other) =>
        other is not null && SendsUid == other.SendsUid
        && Users.SequenceEqual(other.Users, StringComparer.Ordinal) && Groups.SequenceEqual(other.Groups, StringComparer.Ordinal)
        && IsSame(UserMap, other.UserMap) && IsSame(GroupMap, other.GroupMap) && IsSame(Extras, other.Extras);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Users.Count, Groups.Count, UserMap.Count, GroupMap.Count, Extras.Count, SendsUid);

    private static bool IsSame(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out var value) && string.Equals(pair.Value, value, StringComparison.Ordinal));
}
