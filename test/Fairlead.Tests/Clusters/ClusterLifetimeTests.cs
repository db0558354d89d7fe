using System.Runtime.CompilerServices;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Testing.Gateways;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fairlead.Tests.Clusters;

/// <summary>A cluster lives on across reloads; the configuration that it was made from does not.</summary>
public sealed class ClusterLifetimeTests
{
    [Fact]
    public void A_cluster_does_not_keep_the_configuration_that_it_was_made_from()
    {
        var (cluster, options) = Make();
        using (cluster)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();

            options.IsAlive.Should().BeFalse("it holds the secrets of every other cluster");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Cluster Cluster, WeakReference Options) Make()
    {
        var options = new GatewayOptions();
        var cluster = new Cluster(
            TestCluster.Held("kind", "https://127.0.0.1:6443"), options, TestCluster.Minters, static (_, _) => throw new InvalidOperationException("nothing is resolved here"), TimeProvider.System, NullLoggerFactory.Instance);
        return (cluster, new WeakReference(options));
    }
}
