using Fairlead.EndToEndTests.Clusters;
using Xunit;

[assembly: AssemblyFixture(typeof(Fleet))]

namespace Fairlead.EndToEndTests.Clusters;

/// <summary>Starts each kind of cluster once, with a gateway in front of it, when the first test asks for it.</summary>
public sealed class Fleet : IAsyncDisposable
{
    private readonly Lazy<Task<Target>> _standIn = new(static async () => await Target.StartAsync(await StandIn.StartAsync()));
    private readonly Lazy<Task<Target>> _real = new(static async () => await Target.StartAsync(await KubeApiServer.StartAsync()));

    /// <summary>The cluster of a kind; skips the test where it cannot be had.</summary>
    public Task<Target> GetAsync(ClusterKind kind)
    {
        if (kind is ClusterKind.StandIn)
        {
            return _standIn.Value;
        }

        KubeApiServer.SkipTestWithout();
        return _real.Value;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var started in new[] { _standIn, _real }.Where(static cluster => cluster.IsValueCreated && cluster.Value.IsCompletedSuccessfully))
        {
            await (await started.Value).DisposeAsync();
        }
    }
}
