namespace Fairlead.Callers;

/// <summary>Who is calling.</summary>
internal abstract record Caller
{
    private Caller()
    {
    }

    /// <summary>The caller's name for messages and records.</summary>
    public abstract string Name { get; }

    /// <summary>The caller's groups.</summary>
    public abstract IReadOnlyList<string> Groups { get; init; }

    /// <summary>What the caller's issuer says of them besides, by the name of the claim; only what the configuration asks to keep.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Claims { get; init; } = NoClaims;

    /// <summary>Whether anybody has said who they are.</summary>
    public virtual bool IsKnown => true;

    private static IReadOnlyDictionary<string, IReadOnlyList<string>> NoClaims { get; } =
        System.Collections.Frozen.FrozenDictionary<string, IReadOnlyList<string>>.Empty;

    /// <summary>Somebody that the gateway knows: access rules apply.</summary>
    /// <param name="Subject">The name.</param>
    /// <param name="Groups">The groups.</param>
    public sealed record Portal(string Subject, IReadOnlyList<string> Groups) : Caller
    {
        /// <inheritdoc/>
        public override IReadOnlyList<string> Groups { get; init; } = Groups;

        /// <summary>What tells the caller apart from others of the same name at another time (Kubernetes' <c>uid</c>); null where nobody says.</summary>
        public string? Uid { get; init; }

        /// <inheritdoc/>
        public override string Name => Subject;
    }

    /// <summary>
    /// Somebody whose only proof is a cluster token of their own, which the cluster judges. They can use no credential of the
    /// gateway's and know of no cluster by rule.
    /// </summary>
    /// <param name="User">Whose token it is by the cluster's own word; null where the cluster was not asked.</param>
    public sealed record ClusterTokenHolder(ClusterUser? User) : Caller
    {
        /// <summary>Somebody about whom nothing is known.</summary>
        public static ClusterTokenHolder Instance { get; } = new((ClusterUser?)null);

        /// <inheritdoc/>
        public override IReadOnlyList<string> Groups { get; init; } = User?.Groups ?? [];

        /// <inheritdoc/>
        public override bool IsKnown => User is not null;

        /// <inheritdoc/>
        public override string Name => User?.Name ?? "(judged by the cluster)";
    }
}

/// <summary>A user as a cluster knows them.</summary>
/// <param name="Name">The user name.</param>
/// <param name="Groups">The groups.</param>
internal sealed record ClusterUser(string Name, IReadOnlyList<string> Groups);
