namespace Fairlead.Callers;

/// <summary>Who is calling.</summary>
internal abstract record Caller
{
    private Caller()
    {
    }

    /// <summary>The caller's name for messages and records.</summary>
    public abstract string Name { get; }

    /// <summary>Somebody that the gateway knows: access rules apply.</summary>
    /// <param name="Subject">The name.</param>
    /// <param name="Groups">The groups.</param>
    public sealed record Portal(string Subject, IReadOnlyList<string> Groups) : Caller
    {
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
        public override string Name => User?.Name ?? "(judged by the cluster)";
    }
}

/// <summary>A user as a cluster knows them.</summary>
/// <param name="Name">The user name.</param>
/// <param name="Groups">The groups.</param>
internal sealed record ClusterUser(string Name, IReadOnlyList<string> Groups);
