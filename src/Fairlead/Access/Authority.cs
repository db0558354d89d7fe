using System.Runtime.InteropServices;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors;

namespace Fairlead.Access;

/// <summary>What is asked for, whoever asks.</summary>
/// <param name="Request">The request as it came.</param>
/// <param name="Route">The door.</param>
/// <param name="Action">The action.</param>
internal sealed record AuthorityQuestion(InboundRequest Request, DoorRoute.Forwarded Route, KubernetesAction Action);

/// <summary>Who may do something, where, and on whose credential; or why not, with as much as was found out by then.</summary>
/// <param name="Identified">Who.</param>
/// <param name="Cluster">Where.</param>
/// <param name="Plan">On whose credential.</param>
/// <param name="Refusal">Why not; null when they may, and then all of the others are there.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Authority(Identified? Identified, Cluster? Cluster, CredentialPlan? Plan, Refusal? Refusal)
{
    /// <summary>Who has decided; null where it did not come to that.</summary>
    public Judgement? Judgement { get; init; }
}
