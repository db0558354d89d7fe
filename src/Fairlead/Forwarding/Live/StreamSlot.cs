using System.Collections.Concurrent;

namespace Fairlead.Forwarding.Live;

/// <summary>Streams that are asked about at the same time.</summary>
internal sealed class StreamSlot
{
    private int _isAsking;

    /// <summary>The streams.</summary>
    public ConcurrentDictionary<LiveStream, bool> Streams { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Begins to ask, unless the last time is not over.</summary>
    public bool TryBegin(out IReadOnlyList<LiveStream> streams)
    {
        streams = [];
        if (Streams.IsEmpty || Interlocked.Exchange(ref _isAsking, 1) == 1)
        {
            return false;
        }

        streams = [.. Streams.Keys];
        return true;
    }

    /// <summary>It has been asked.</summary>
    public void Finish() => Volatile.Write(ref _isAsking, 0);
}
