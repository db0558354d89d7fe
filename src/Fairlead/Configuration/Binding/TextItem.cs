using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary>A string of a configuration with its key and place.</summary>
internal sealed class TextItem(string value, string path, TextOrigin origin)
{
    public string Value { get; } = value;

    public string Path { get; } = path;

    public TextOrigin Origin { get; } = origin;

    /// <summary>The value as a path, absolute; null when it can be none.</summary>
    public string? FullPath() => Value.Contains('\0', StringComparison.Ordinal) ? null : System.IO.Path.GetFullPath(Value, Origin.Directory);
}
