namespace Fairlead.Forwarding.Live;

/// <content>The end of streams whose right is not in question: the gateway stops.</content>
internal sealed partial class LiveStreams
{
    private Func<LiveStream, bool>? _ends;
    private Refusal? _endsBecause;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _newest is null && Array.TrueForAll(_slots, static slot => slot.Streams.IsEmpty);
            }
        }
    }

    /// <summary>Ends streams for good: those that are open, and those that begin from now on.</summary>
    /// <param name="which">Which.</param>
    /// <param name="refusal">Why.</param>
    public void End(Func<LiveStream, bool> which, Refusal refusal)
    {
        lock (_lock)
        {
            (_ends, _endsBecause) = (which, refusal);
            for (var stream = _newest; stream is not null; stream = stream.Next)
            {
                EndIf(stream);
            }

            foreach (var (stream, _) in _slots.SelectMany(static slot => slot.Streams))
            {
                EndIf(stream);
            }
        }

        void EndIf(LiveStream stream)
        {
            if (which(stream))
            {
                stream.End(refusal);
            }
        }
    }
}
