namespace Fairlead.Access;

/// <summary>Who has decided about a request, for the audit trail.</summary>
/// <param name="Judge">Who.</param>
/// <param name="Rule">The access rule's name, where it was one.</param>
internal sealed record Judgement(Judge Judge, string? Rule = null)
{
    /// <summary>No rule allows it.</summary>
    public static Judgement NoRule { get; } = new(Judge.NoRule);

    /// <summary>The cluster's own RBAC, when the request comes there.</summary>
    public static Judgement Cluster { get; } = new(Judge.Cluster);

    /// <summary>The cluster, by an access review.</summary>
    public static Judgement AccessReview { get; } = new(Judge.AccessReview);

    /// <summary>The portal, by its permission.</summary>
    public static Judgement Portal { get; } = new(Judge.PortalPermission);

    private readonly string _text = Judge switch
    {
        Judge.Rule => $"rule {Rule}",
        Judge.NoRule => "no rule",
        Judge.Cluster => "cluster",
        Judge.AccessReview => "access review",
        _ => "portal permission",
    };

    /// <summary>As the audit trail says it.</summary>
    public override string ToString() => _text;
}

/// <summary>Who decides.</summary>
internal enum Judge
{
    /// <summary>An access rule of the gateway.</summary>
    Rule,

    /// <summary>Nothing allows it.</summary>
    NoRule,

    /// <summary>The cluster's RBAC.</summary>
    Cluster,

    /// <summary>The cluster, asked before.</summary>
    AccessReview,

    /// <summary>The portal, asked before.</summary>
    PortalPermission,
}
