namespace Fairlead.Credentials.Minting;

/// <summary>How often credentials of one kind were obtained.</summary>
internal sealed class MintCounts
{
    private long _obtained;
    private long _failed;

    /// <summary>How often there was one.</summary>
    public long Obtained => Interlocked.Read(ref _obtained);

    /// <summary>How often there was none.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Counts one more try.</summary>
    public void Add(bool isObtained) => Interlocked.Increment(ref isObtained ? ref _obtained : ref _failed);
}
