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

    /// <summary>A token of a service account.</summary>
    /// <param name="kubeconfig">An administrator's.</param>
    /// <param name="accountNamespace">The account's namespace.</param>
    /// <param name="name">The account.</param>
    public abstract Task<string> CreateTokenAsync(string kubeconfig, string accountNamespace, string name);

    /// <summary>
    /// A Service in the namespace <c>default</c> with the port <c>http</c>, whose ClusterIP is <c>127.77.0.{number}</c>, where its server
    /// listens, and its one ready endpoint.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="number">A number of its own, from 10 to 250.</param>
    /// <param name="port">The port that its server listens on.</param>
    /// <remarks>API servers reach Services only at addresses of pods: there is one, whose status <see cref="PodAddressPatch"/> sets.</remarks>
    public string ServiceManifest(string name, int number, int port) =>
        $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, namespace: default}
        spec: {nodeName: demo-node, containers: [{name: main, image: web}], tolerations: [{operator: Exists}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}, namespace: default}
        spec: {clusterIP: 127.77.0.{{number}}, ports: [{name: http, port: {{port}}}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{name}}, namespace: default, labels: {kubernetes.io/service-name: {{name}} } }
        addressType: IPv4
        ports: [{name: http, port: {{port}}, protocol: TCP}]
        endpoints: [{addresses: [{{EndpointAddress(number)}}], conditions: {ready: true} }]
        ---
        apiVersion: v1
        kind: Endpoints
        metadata: {name: {{name}}, namespace: default}
        subsets: [{addresses: [{ip: {{EndpointAddress(number)}}, targetRef: {kind: Pod, name: {{name}}, namespace: default} }], ports: [{name: http, port: {{port}}, protocol: TCP}]}]
        """;

    /// <summary>The status of the pod behind a Service, as a merge patch.</summary>
    /// <param name="number">The Service's number.</param>
    public string PodAddressPatch(int number) =>
        $$"""{"status":{"podIP":"{{EndpointAddress(number)}}","podIPs":[{"ip":"{{EndpointAddress(number)}}"}],"phase":"Running"} }""".Replace(" ", "", StringComparison.Ordinal);

    /// <summary>The address that the API server is told for what listens at <c>127.77.0.{number}</c>.</summary>
    protected abstract string EndpointAddress(int number);

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
