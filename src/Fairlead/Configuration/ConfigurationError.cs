namespace Fairlead.Configuration;

/// <summary>One thing that is wrong in a configuration's text.</summary>
/// <param name="Path">The key, as <c>kubernetes.clusterLocatorMethods[0].clusters[1].url</c>; empty when the whole file is meant.</param>
/// <param name="Message">What is wrong and how to mend it. Never holds a secret's value.</param>
/// <param name="Location"><c>file:line</c>, where known.</param>
internal sealed record ConfigurationError(string Path, string Message, string? Location)
{
    /// <summary>The error as one line for a person; a terminal finds nothing in it to obey.</summary>
    public override string ToString() =>
        TextFormatter.Plain((Location is null ? "" : $"{Location}: ") + (Path.Length == 0 ? "" : $"{Path}: ") + Message);
}

/// <summary>What reading a configuration gave: options, or everything that is wrong with it.</summary>
/// <param name="Options">The options; null when there are errors.</param>
/// <param name="Errors">All errors, in file order.</param>
internal sealed record ConfigurationResult(GatewayOptions? Options, IReadOnlyList<ConfigurationError> Errors)
{
    /// <summary>
    /// Every file that was read or looked for, also when there are errors: a change of any of them may mend the configuration. Equal to
    /// <see cref="GatewayOptions.Files"/> when there are options.
    /// </summary>
    public IReadOnlyList<SourceFile> Files { get; init; } = [];
}
