using AwesomeAssertions;
using Fairlead.EndToEndTests.Clusters;
using k8s;
using k8s.Models;
using Xunit;

namespace Fairlead.EndToEndTests.Libraries;

/// <summary>The C# KubernetesClient at the cluster door.</summary>
public sealed class KubernetesClientTests(Fleet fleet)
{
    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task It_lists_creates_watches_patches_and_deletes(ClusterKind kind)
    {
        var target = await fleet.GetAsync(kind);
        using var client = new k8s.Kubernetes(await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(new FileInfo(target.ThroughGateway)));
        await client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "csharp-client" } });
        var seen = new List<string>();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        // With what is there already the watch says that it has begun; what comes and goes before that it would never see.
        await client.CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "before" } }, "csharp-client");
        var events = client.CoreV1.WatchListNamespacedConfigMapAsync("csharp-client", cancellationToken: stop.Token).GetAsyncEnumerator(stop.Token);
        (await events.MoveNextAsync()).Should().BeTrue();

        await client.CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "watched" } }, "csharp-client");
        await client.CoreV1.PatchNamespacedConfigMapAsync(
            new V1Patch("""{"data":{"k":"v"}}""", V1Patch.PatchType.MergePatch), "watched", "csharp-client");
        await client.CoreV1.DeleteNamespacedConfigMapAsync("watched", "csharp-client");
        while (seen.Count < 3 && await events.MoveNextAsync())
        {
            if (string.Equals(events.Current.Item2.Metadata.Name, "watched", StringComparison.Ordinal))
            {
                seen.Add(events.Current.Item1.ToString());
            }
        }

        seen.Should().Equal("Added", "Modified", "Deleted");
        var list = await client.CoreV1.ListNamespaceAsync();
        list.Items.Select(item => item.Metadata.Name).Should().Contain("csharp-client");
    }
}
