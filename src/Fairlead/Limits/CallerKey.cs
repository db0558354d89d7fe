using System.Runtime.InteropServices;
using Fairlead.Callers;

namespace Fairlead.Limits;

/// <summary>Whose requests count together: those of one person or machine, however many logins they have; of somebody whom only the cluster knows, those with one token.</summary>
/// <param name="Name">The name; empty where nobody says.</param>
/// <param name="Cluster">The cluster that says so; empty where the gateway knows it.</param>
/// <param name="Proof">What was shown, where nobody says who it is.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CallerKey(string Name, string Cluster, TokenHash Proof)
{
    /// <summary>The key of a caller.</summary>
    /// <param name="identified">Who.</param>
    /// <param name="cluster">The qualified name of the cluster that they go to.</param>
    public static CallerKey Of(Identified identified, string cluster) => identified.Caller switch
    {
        Caller.Portal portal => new(portal.Subject, "", default),
        Caller.ClusterTokenHolder { User: { } user } => new(user.Name, cluster, default),
        _ => new("", "", identified.Proof),
    };
}

/// <summary>A Service, by name.</summary>
/// <param name="Cluster">The cluster's qualified name.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The name.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ServiceKey(string Cluster, string Namespace, string Name);

/// <summary>In whose name a request takes a place.</summary>
/// <param name="Caller">The caller.</param>
/// <param name="Cluster">The cluster's qualified name.</param>
/// <param name="Service">The Service; null for the API server itself.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PlaceKey(CallerKey Caller, string Cluster, ServiceKey? Service);
