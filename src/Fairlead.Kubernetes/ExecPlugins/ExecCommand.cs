namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>Finds the program of a command, as client-go does: a name is looked up in <c>PATH</c>, everything with a slash is a path.</summary>
public static class ExecCommand
{
    /// <summary>The absolute path of the program; null where there is none in <c>PATH</c>.</summary>
    /// <param name="command">A name without a slash, or an absolute path.</param>
    /// <param name="searchPath">What <c>PATH</c> says; null for nothing.</param>
    public static string? Find(string command, string? searchPath)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.Contains('/', StringComparison.Ordinal))
        {
            return Path.IsPathRooted(command) ? Path.GetFullPath(command) : null;
        }

        // A folder that is relative to wherever this process runs is no place to take programs from; Go refuses it too.
        return (searchPath ?? "").Split(Path.PathSeparator)
            .Where(static folder => Path.IsPathRooted(folder))
            .Select(folder => Path.GetFullPath(Path.Combine(folder, command)))
            .FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path)
    {
        const UnixFileMode anybody = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        try
        {
            return File.Exists(path) && (File.GetUnixFileMode(path) & anybody) is not UnixFileMode.None;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
