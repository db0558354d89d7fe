namespace Fairlead.Configuration;

/// <summary>The <c>audit</c> section: where records go, and what happens when they cannot.</summary>
internal sealed record AuditOptions
{
    /// <summary>The file (<c>audit.file</c>), an absolute path; null for none.</summary>
    public string? File { get; init; }

    /// <summary>Whether records go to standard output (<c>audit.stdout</c>); the log goes to standard error then.</summary>
    public bool Stdout { get; init; }

    /// <summary>The size in bytes above which <see cref="File"/> is renamed and a new one begun (<c>audit.maxSize</c>); null for none.</summary>
    public long? MaxSize { get; init; } = 100L * 1024 * 1024;

    /// <summary>How many renamed files are kept (<c>audit.maxFiles</c>); null for all.</summary>
    public int? MaxFiles { get; init; } = 10;

    /// <summary>How long renamed files are kept (<c>audit.maxAge</c>); null for ever.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Whether a record that finds no place is dropped, and its request goes on (<c>audit.whenFull: forget</c>); otherwise what changes something, and streams, are refused (decision 31).</summary>
    public bool ForgetsWhenFull { get; init; }

    /// <summary>How many records may wait to be written, for each place that they go to (<c>audit.queue</c>).</summary>
    public int Queue { get; init; } = 8192;
}
