using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Fairlead.Configuration;

namespace Fairlead.Clusters.Sources;

/// <summary>What the sources that are asked over the network have said last. While one cannot be asked, what it said before stands (contract F49).</summary>
/// <param name="reader">Asks them.</param>
/// <param name="time">The clock.</param>
internal sealed class RemoteSources(RemoteSourceReader reader, TimeProvider time)
{
    private static readonly ClusterSourceResult _nothingYet = new([], []);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<ClusterLocator.Remote, RemoteSourceState> _states = new();

    /// <summary>What <paramref name="locator"/> has said last; nothing where it has not answered yet.</summary>
    public ClusterSourceResult Find(ClusterLocator.Remote locator) => StateOf(locator)?.Result ?? _nothingYet;

    /// <summary>How the last question ended; null where it is still on its way.</summary>
    public RemoteSourceState? StateOf(ClusterLocator.Remote locator) => _states.GetValueOrDefault(locator.Subject());

    /// <summary>Asks a source now.</summary>
    /// <returns>Whether its clusters are others than before.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A source that fails in whatever way fails alone: the others go on, and its state says so.")]
    public async Task<bool> AskAsync(ClusterLocator.Remote locator, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var before = StateOf(locator);
        try
        {
            var result = (await reader.ReadAsync(locator, either.Token).WaitAsync(either.Token)).WithUnreadOf(before?.Result);
            _states[locator.Subject()] = new RemoteSourceState(result, null, time.GetUtcNow());
            return before?.Result is not { } old || !old.Clusters.SequenceEqual(result.Clusters) || !old.Problems.SequenceEqual(result.Problems, StringComparer.Ordinal);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var problem = exception switch
            {
                ClusterSourceException => exception.Message,
                OperationCanceledException => "does not answer in time",
                _ => $"cannot be asked ({exception.GetType().Name})",
            };
            _states[locator.Subject()] = new RemoteSourceState(before?.Result, problem, before?.AnsweredAt);
            return false;
        }
    }

    /// <summary>Forgets all sources but these.</summary>
    public void Keep(IEnumerable<ClusterLocator.Remote> locators)
    {
        foreach (var gone in _states.Keys.Except(locators.Select(static locator => locator.Subject())))
        {
            _states.TryRemove(gone, out _);
        }
    }
}

/// <summary>How a source stands.</summary>
/// <param name="Result">What it has said last; null where it never has.</param>
/// <param name="Problem">Why it could not be asked the last time; null where it could.</param>
/// <param name="AnsweredAt">When it answered last.</param>
internal sealed record RemoteSourceState(ClusterSourceResult? Result, string? Problem, DateTimeOffset? AnsweredAt);
