namespace Fairlead.Limits;

/// <summary>How many of something there may be at once.</summary>
/// <param name="PerCaller">Of one caller; null for no limit.</param>
/// <param name="PerCluster">To one cluster, its Services included; null for no limit.</param>
/// <param name="PerService">To one Service; null for no limit.</param>
/// <param name="All">In all; null for no limit.</param>
internal sealed record ScopedLimit(int? PerCaller, int? PerCluster, int? PerService, int? All)
{
    /// <summary>What holds unless the configuration says otherwise: whatever hangs or floods, a caller, a Service, a cluster, leaves room for others.</summary>
    public static ScopedLimit Default { get; } = new(256, 2048, 1024, 4096);
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
    /// <summary>What holds unless the configuration says otherwise: no address can take all.</summary>
    public static ConnectionLimit Default { get; } = new(2048, 8192);
}
