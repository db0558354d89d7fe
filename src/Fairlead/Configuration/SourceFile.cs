using System.Runtime.InteropServices;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Configuration;

/// <summary>A file or folder that a configuration or its clusters were read from.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Stamp">What it was just before it was read, so that no change after that is missed.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SourceFile(string Path, FileStamp Stamp)
{
    /// <summary>The file as it is now.</summary>
    /// <param name="path">Its absolute path.</param>
    public static SourceFile Of(string path) => new(path, FileStamp.Of(path));
}
