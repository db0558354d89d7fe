using Fairlead.Demo;

namespace Fairlead.EndToEndTests.Clusters;

/// <summary>The demo cluster as the cluster under test.</summary>
public sealed class StandIn : ClusterUnderTest
{
    private readonly DemoCluster _cluster;

    private StandIn(DemoCluster cluster)
    {
        _cluster = cluster;
        UserToken = cluster.AddToken("bob", "devs");
    }

    /// <inheritdoc/>
    public override Uri Server => _cluster.Server;

    /// <inheritdoc/>
    public override string AuthorityPem => _cluster.CertificateAuthorityPem;

    /// <inheritdoc/>
    public override string AdminToken => _cluster.AdminToken;

    /// <inheritdoc/>
    public override string UserToken { get; }

    /// <inheritdoc/>
    public override (string Namespace, string Name) RunningPod => ("default", "shell");

    /// <summary>Starts it.</summary>
    public static async Task<ClusterUnderTest> StartAsync() =>
        new StandIn(await DemoCluster.StartAsync(new DemoClusterOptions { LogInterval = TimeSpan.FromMilliseconds(100) }, CancellationToken.None));

    /// <inheritdoc/>
    public override Task<string> CreateTokenAsync(string kubeconfig, string accountNamespace, string name) =>
        Task.FromResult(_cluster.AddToken($"system:serviceaccount:{accountNamespace}:{name}", "system:serviceaccounts", "system:authenticated"));

    /// <inheritdoc/>
    protected override string EndpointAddress(int number) => $"127.77.0.{number}";

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
