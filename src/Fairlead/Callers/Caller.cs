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
    public sealed record ClusterTokenHolder : Caller
    {
        /// <summary>The only instance: nothing is known about such a caller.</summary>
        public static ClusterTokenHolder Instance { get; } = new();

        /// <inheritdoc/>
        public override string Name => "(judged by the cluster)";
    }
}
