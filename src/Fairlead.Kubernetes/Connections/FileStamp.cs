namespace Fairlead.Kubernetes.Connections;

/// <summary>What tells one version of a file from the next, without reading it. Symbolic links are followed, so the link swap of a mounted ConfigMap shows.</summary>
/// <param name="Length">The length in bytes; -1 when there is no such file.</param>
/// <param name="LastWrite">The time of the last change, UTC.</param>
/// <param name="Target">The file that a chain of links ends at, its folder's links followed too.</param>
public readonly record struct FileStamp(long Length, DateTime LastWrite, string? Target)
{
    private static readonly FileStamp _nothing = new(-1, default, null);

    /// <summary>The stamp of the file or folder at <paramref name="path"/> now; a folder's changes with what it holds, not with the content of that. What cannot be looked at (a link in a circle, a file that goes away meanwhile) is nothing.</summary>
    public static FileStamp Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return !file.Exists ? OfFolder(new DirectoryInfo(path))
                : file.LinkTarget is null ? new FileStamp(file.Length, TimeOf(file), null)
                : OfLink(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return _nothing;
        }
    }

    private static FileStamp OfFolder(DirectoryInfo folder) =>
        folder.Exists ? new FileStamp(0, folder.LastWriteTimeUtc, folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName) : _nothing;

    private static FileStamp OfLink(FileInfo link) =>
        link.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } target
            ? new FileStamp(target.Length, TimeOf(target), PathOf(target))
            : _nothing;

    /// <summary>An empty file is the same whenever it was written. So is a pipe, whose time changes as it is read: to read it once more would wait for somebody to write.</summary>
    private static DateTime TimeOf(FileInfo file) => file.Length == 0 ? default : file.LastWriteTimeUtc;

    /// <summary>In a mounted ConfigMap the file's own link always says <c>..data/name</c>: what is exchanged is the folder's link <c>..data</c>.</summary>
    private static string PathOf(FileInfo target) =>
        target.Directory?.ResolveLinkTarget(returnFinalTarget: true) is { } folder ? Path.Combine(folder.FullName, target.Name) : target.FullName;
}
