using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fairlead.Tests.Clusters.Sources;

/// <summary>How much of a cluster's Secrets is read.</summary>
public sealed class ClusterSecretsSourceTests : IAsyncDisposable
{
    private readonly RawUpstream _holder = new();

    [Theory]
    [InlineData(0, 100, "pages without end")]
    [InlineData(31, 5, "128 MiB")]
    [InlineData(33, 1, "longer than")]
    public async Task Lists_without_end_are_not_read_to_their_end(int pageMiB, int requests, string words)
    {
        _holder.Respond(RawAnswer.Json(200, """{ "metadata": { "resourceVersion": "1", "continue": "again" }, "items": [] }""" + new string(' ', pageMiB << 20)));
        var cluster = new Cluster(
            TestCluster.Held("mgmt", _holder.Url), new GatewayOptions(), TestCluster.Minters, static (_, _) => throw new InvalidOperationException(), TimeProvider.System, NullLoggerFactory.Instance);
        var finder = new ClusterFinder();
        finder.Use(new ClusterCatalog([cluster]));
        var locator = new ClusterLocator.ClusterSecrets("argo", TimeSpan.FromMinutes(1)) { Cluster = "mgmt", Format = ClusterSecretFormat.ArgoCd, LabelSelector = "x" };

        var reading = () => new ClusterSecretsSource(locator, finder).ReadAsync(CancellationToken.None);

        (await reading.Should().ThrowAsync<ClusterSourceException>()).Which.Message.Should().Contain(words);
        _holder.Requests.Should().HaveCount(requests);
    }

    public ValueTask DisposeAsync() => _holder.DisposeAsync();
}
