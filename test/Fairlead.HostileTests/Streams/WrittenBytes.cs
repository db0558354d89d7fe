using Fairlead.Testing;

namespace Fairlead.HostileTests.Streams;

/// <summary>What writers have written so far.</summary>
internal sealed class WrittenBytes
{
    private long _value;

    /// <summary>How many bytes.</summary>
    public long Value => Interlocked.Read(ref _value);

    /// <summary>Counts more.</summary>
    public void Add(int bytes) => Interlocked.Add(ref _value, bytes);

    /// <summary>Waits until all buffers on the way are full: at least that much is written, and no more comes.</summary>
    public async Task StandsStillAsync(long atLeast = 1)
    {
        long last = -1;
        var same = 0;
        await Eventually.BeTrueAsync(
            async () =>
            {
                await Task.Delay(50);
                var now = Value;
                same = now >= atLeast && now == last ? same + 1 : 0;
                last = now;
                return same >= 5;
            },
            $"the writers to stand still beyond {atLeast} bytes");
    }
}
