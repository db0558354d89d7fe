using Fairlead.Credentials;
using Fairlead.Forwarding;

namespace Fairlead.Clusters;

/// <summary>A cluster at run time: its definition and what was opened for it. It lives on across reloads while its definition stays the same.</summary>
internal sealed class Cluster
{
    /// <summary>Puts a cluster together; nothing is opened yet.</summary>
    public Cluster(ClusterDefinition definition, ClusterUpstream upstream, CredentialSource credentials)
    {
        Definition = definition;
        Upstream = upstream;
        Credentials = credentials;
        Lookup = new ClusterLookup.Found(this);
    }

    /// <summary>The definition.</summary>
    public ClusterDefinition Definition { get; }

    /// <summary>The connections.</summary>
    public ClusterUpstream Upstream { get; }

    /// <summary>The source of the gateway-held credential.</summary>
    public CredentialSource Credentials { get; }

    /// <summary>The answer of a look-up that finds this cluster.</summary>
    public ClusterLookup.Found Lookup { get; }
}
