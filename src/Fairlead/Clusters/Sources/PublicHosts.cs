using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Clusters.Sources;

/// <summary>
/// Which names lead to addresses that are not public now. A lookup blocks a thread on Linux for as long as the name server takes, whoever gives the wait up: few are under way at
/// once, for all sources together.
/// </summary>
/// <param name="resolve">Resolves names.</param>
/// <param name="patience">How long a question may take as a whole; null for 10 s.</param>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lookups that nobody waits for any more still release it; without a wait handle there is nothing to free.")]
internal sealed class PublicHosts(NameResolver resolve, TimeSpan? patience = null)
{
    private const int AtOnce = 4;

    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _turns = new(AtOnce);

    /// <summary>
    /// Those of <paramref name="hosts"/> that lead to an address that is not public. One that cannot be resolved, or not in time, is none of them: what it resolves to is looked at again
    /// when it is dialled.
    /// </summary>
    public async Task<IReadOnlySet<string>> NotPublicAsync(IEnumerable<string> hosts, CancellationToken cancellationToken)
    {
        var found = new ConcurrentQueue<string>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            await Task.WhenAll(hosts.Distinct(StringComparer.OrdinalIgnoreCase).Select(host => LookAtAsync(host, found, limit.Token))).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // What was found until now counts.
        }

        return found.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private async Task LookAtAsync(string host, ConcurrentQueue<string> found, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            // Not cancelled: that would end the wait and not the lookup, and the turn would be free too early.
            var addresses = await resolve(host, CancellationToken.None);
            if (!addresses.All(static address => AddressRanges.IsPublic(AddressRanges.Plain(address))))
            {
                found.Enqueue(host);
            }
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException or OperationCanceledException)
        {
            // It stands.
        }
        finally
        {
            _turns.Release();
        }
    }
}
