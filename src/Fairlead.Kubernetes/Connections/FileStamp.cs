namespace Fairlead.Kubernetes.Connections;

/// <summary>What tells one version of a file from the next, without reading it. Symbolic links are followed, so the link swap of a mounted ConfigMap shows.</summary>
/// <param name="Length">The length in bytes; -1 when there is no such file.</param>
/// <param name="LastWrite">The time of the last change, UTC.</param>
/// <param name="Target">The file that a chain of links ends at.</param>
public readonly record struct FileStamp(long Length, DateTime LastWrite, string? Target)
{
    /// <summary>The stamp of the file at <paramref name="path"/> now.</summary>
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        return !file.Exists ? new FileStamp(-1, default, null)
            : file.LinkTarget is null ? new FileStamp(file.Length, file.LastWriteTimeUtc, null)
            : OfLink(file);
    }

    private static FileStamp OfLink(FileInfo link) =>
        link.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } target
            ? new FileStamp(target.Length, target.LastWriteTimeUtc, target.FullName)
            : new FileStamp(-1, default, null);
}
