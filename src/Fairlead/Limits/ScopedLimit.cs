namespace Fairlead.Limits;

/// <summary>How many of something there may be at once.</summary>
/// <param name="PerCaller">Of one caller; null for no limit.</param>
/// <param name="PerCluster">To one cluster, its Services included; null for no limit.</param>
/// <param name="PerService">To one Service; null for no limit.</param>
/// <param name="All">In all; null for no limit.</param>
internal sealed record ScopedLimit(int? PerCaller, int? PerCluster, int? PerService, int? All)
{
    private const int Most = 4096;

    // A watch and a terminal, over TLS on both sides, take 260 KiB together (bench/limits.sh); requests, watches and upgrades have this limit each.
    private const int MemoryForEach = 512 * 1024;

    /// <summary>What holds unless the configuration says otherwise.</summary>
    public static ScopedLimit Default { get; } = For(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>What fits into so much memory: whatever hangs or floods, a caller, a Service, a cluster, leaves room for others.</summary>
    /// <param name="memory">In bytes.</param>
    public static ScopedLimit For(long memory) => Within((int)Math.Clamp(memory / MemoryForEach, 256, Most));

    /// <summary>So many in all, of which nobody gets more than a part.</summary>
    /// <param name="all">In all.</param>
    public static ScopedLimit Within(int all) => new(Math.Clamp(all / 4, 1, 256), Math.Max(all / 2, 1), Math.Max(all / 4, 1), all);
}

/// <summary>How many requests may come in a second, in the long run; twice as many at once.</summary>
/// <param name="PerCaller">Of one caller; null for no limit.</param>
/// <param name="PerCluster">To one cluster; null for no limit.</param>
/// <param name="All">In all; null for no limit.</param>
internal sealed record RateLimit(int? PerCaller, int? PerCluster, int? All)
{
    /// <summary>What holds unless the configuration says otherwise.</summary>
    public static RateLimit Default { get; } = new(500, null, null);
}

/// <summary>How many client connections there may be at once on the public listeners.</summary>
/// <param name="PerAddress">From one address, or one IPv6 network of 64 bits, that is no trusted proxy; null for no limit.</param>
/// <param name="All">In all; null for no limit.</param>
internal sealed record ConnectionLimit(int? PerAddress, int? All)
{
    /// <summary>Whether <see cref="All"/> is less than configured, because the process may not have more files open.</summary>
    public bool IsFitted { get; init; }

    private const int Most = 8192;
    private const int MemoryForEach = 128 * 1024;

    /// <summary>What holds unless the configuration says otherwise.</summary>
    public static ConnectionLimit Default { get; } = For(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>No more than so many in all, of which no address gets more than a quarter.</summary>
    public ConnectionLimit FittedTo(int all) => new(PerAddress is { } one ? Math.Min(one, Math.Max(all / 4, 1)) : null, all) { IsFitted = true };

    /// <summary>What fits into so much memory: no address can take all.</summary>
    /// <param name="memory">In bytes.</param>
    public static ConnectionLimit For(long memory)
    {
        var all = (int)Math.Clamp(memory / MemoryForEach, 1024, Most);
        return new(all / 4, all);
    }
}
