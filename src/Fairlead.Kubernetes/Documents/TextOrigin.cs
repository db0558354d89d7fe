namespace Fairlead.Kubernetes.Documents;

/// <summary>Where a value was written, for messages and for relative paths.</summary>
/// <param name="Source">The file as it was named, or what else gave the value (<c>environment variable APP_CONFIG_x</c>, <c>--base-url</c>).</param>
/// <param name="Line">The line, from 1; 0 where there are no lines.</param>
/// <param name="Directory">The absolute directory that relative paths in the value start from.</param>
public sealed record TextOrigin(string Source, int Line, string Directory)
{
    /// <summary><c>file:line</c>, or the source alone.</summary>
    public override string ToString() => Line > 0 ? $"{Source}:{Line}" : Source;
}
