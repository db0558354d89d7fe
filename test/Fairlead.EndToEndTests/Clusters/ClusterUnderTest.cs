namespace Fairlead.EndToEndTests.Clusters;

/// <summary>An API server that the suite runs against, with the gateway that stands in front of it.</summary>
public abstract class ClusterUnderTest : IAsyncDisposable
{
    /// <summary>The name of the cluster at the gateway.</summary>
    public const string Name = "target";

    /// <summary>The API server's URL.</summary>
    public abstract Uri Server { get; }

    /// <summary>The authority of its certificate.</summary>
    public abstract string AuthorityPem { get; }

    /// <summary>A token of <c>system:masters</c>.</summary>
    public abstract string AdminToken { get; }

    /// <summary>A token of the user <c>bob</c> in the group <c>devs</c>, who may do nothing until a test lets him.</summary>
    public abstract string UserToken { get; }

    /// <summary>A pod that runs and writes a log, as <c>(namespace, name)</c>.</summary>
    public abstract (string Namespace, string Name) RunningPod { get; }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>What a suite runs against.</summary>
public enum ClusterKind
{
    /// <summary>The stand-in API server of the demo: always there.</summary>
    StandIn,

    /// <summary>A real kube-apiserver, found by <c>KUBEBUILDER_ASSETS</c>; skipped loudly without one.</summary>
    KubeApiServer,
}
