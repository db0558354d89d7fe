using System.Net;
using System.Runtime.InteropServices;
using Fairlead.Access;
using Fairlead.Callers;

namespace Fairlead.Limits;

/// <summary>Whose requests count together: those of one person or machine, however many logins they have; of somebody whom only a cluster knows, or nobody, those with one token.</summary>
/// <param name="Name">The name; empty where nobody says.</param>
/// <param name="Cluster">The cluster that says so; empty where the gateway knows it.</param>
/// <param name="Proof">What was shown, where nobody says who it is.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CallerKey(string Name, string Cluster, TokenHash Proof)
{
    /// <summary>The key of a caller; null where nobody knows anything of them.</summary>
    /// <param name="authority">Who, where to, and with which token of their own.</param>
    public static CallerKey? Of(Authority authority) => authority.Identified?.Caller switch
    {
        Caller.Portal portal => new(portal.Subject, "", default),
        Caller.ClusterTokenHolder { User: { } user } => new(user.Name, authority.Cluster?.QualifiedName ?? "", default),
        _ => authority.Plan?.Key is { } token ? new("", "", token) : null,
    };
}

/// <summary>A Service, by name.</summary>
/// <param name="Cluster">The cluster's qualified name.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The name.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ServiceKey(string Cluster, string Namespace, string Name)
{
    /// <summary>The Service that a request goes to, at whichever door; null for none.</summary>
    public static ServiceKey? Of(KubernetesAction action, string cluster)
    {
        if (action is not { ApiGroup.Length: 0, Resource: "services" } || !(action.IsProxied || action.Verb is "proxy"))
        {
            return null;
        }

        var name = action.PlainName;
        return new(cluster, action.Namespace, name.Length == action.Name.Length ? action.Name : name.ToString());
    }
}

/// <summary>In whose name a request takes a place.</summary>
/// <param name="Caller">The caller.</param>
/// <param name="Stranger">Where it came from, where nobody but perhaps a cluster knows the caller: a token is quickly made up. Null otherwise.</param>
/// <param name="Cluster">The cluster's qualified name.</param>
/// <param name="Service">The Service; null for the API server itself.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PlaceKey(CallerKey Caller, IPAddress? Stranger, string Cluster, ServiceKey? Service)
{
    /// <summary>The key of a request that was allowed.</summary>
    public static PlaceKey Of(Authority authority, IPAddress? address, KubernetesAction action)
    {
        var cluster = authority.Cluster!.QualifiedName;
        return new(CallerKey.Of(authority) ?? default, authority.Identified!.Stranger(address), cluster, ServiceKey.Of(action, cluster));
    }
}
