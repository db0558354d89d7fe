using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Fairlead.Callers;

namespace Fairlead.Forwarding.Live;

/// <summary>Streams that are asked about at the same time.</summary>
internal sealed class StreamSlot
{
    private readonly ConcurrentDictionary<StreamLane, bool> _asking = new();

    /// <summary>The streams.</summary>
    public ConcurrentDictionary<LiveStream, bool> Streams { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Begins to ask, lane by lane, where the last time is over: nobody's unanswered questions keep somebody else's waiting.</summary>
    public IReadOnlyList<(StreamLane Lane, IReadOnlyList<LiveStream> Streams)> Begin() => Streams.IsEmpty ? [] :
    [
        .. Streams.Select(static pair => pair.Key)
            .GroupBy(static stream => new StreamLane(stream.Key.Cluster, stream.Identified.Caller.Name, stream.Key.Judged))
            .Where(lane => _asking.TryAdd(lane.Key, true))
            .Select(static lane => (lane.Key, (IReadOnlyList<LiveStream>)[.. lane])),
    ];

    /// <summary>A lane has been asked about.</summary>
    public void Finish(StreamLane lane) => _asking.TryRemove(lane, out _);
}

/// <summary>One caller on one cluster: their questions are asked one after the other, beside those of others.</summary>
/// <param name="Cluster">The cluster's qualified name.</param>
/// <param name="Caller">The caller's name.</param>
/// <param name="Judged">Whom the cluster judges; the default where the gateway does.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StreamLane(string Cluster, string Caller, TokenHash Judged);
