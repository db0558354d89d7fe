namespace Fairlead.Configuration;

/// <summary>The <c>recording</c> section: which sessions are recorded, and where.</summary>
internal sealed record RecordingOptions
{
    /// <summary>The folder of the recordings (<c>recording.folder</c>), an absolute path.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether what the client types is recorded too, and the command (<c>recording.input</c>): passwords are among it.</summary>
    public bool Input { get; init; }

    /// <summary>The largest recording in bytes (<c>recording.maxSize</c>); null for no limit.</summary>
    public long? MaxSize { get; init; } = 100L * 1024 * 1024;

    /// <summary>Which sessions (<c>recording.rules</c>).</summary>
    public IReadOnlyList<RecordingRule> Rules { get; init; } = [RecordingRule.Everything];
}

/// <summary>One of <c>recording.rules</c>.</summary>
/// <param name="Sessions">Whose sessions, and where: a rule that denies, so that whoever is not known is recorded as well.</param>
/// <param name="IsRequired">Whether a session that cannot be recorded is refused.</param>
internal sealed record RecordingRule(AccessRule Sessions, bool IsRequired)
{
    /// <summary>Every session of everybody, and none without a recording.</summary>
    public static RecordingRule Everything { get; } = new(new AccessRule { Denies = true, Users = ["*"], Clusters = ["*"], Namespaces = ["*"] }, IsRequired: true);
}
