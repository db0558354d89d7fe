namespace Fairlead.Demo;

/// <summary>How a demo cluster is started.</summary>
public sealed record DemoClusterOptions
{
    /// <summary>The API server's port; 0 lets the system choose.</summary>
    public int Port { get; init; }

    /// <summary>The chart repository's port; 0 lets the system choose.</summary>
    public int ChartRepositoryPort { get; init; }

    /// <summary>Whether the cluster starts without the demo's own objects.</summary>
    public bool Empty { get; init; }

    /// <summary>How often a pod writes a line to its log.</summary>
    public TimeSpan LogInterval { get; init; } = TimeSpan.FromSeconds(1);
}
