namespace Fairlead.Cli.Sessions;

/// <summary>Files that nobody else may read, and that are never there by half. On Windows they stand in the person's profile, which has that right by itself.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder for its owner alone, or makes an existing one so.</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        const UnixFileMode all = Owner | UnixFileMode.UserExecute;
        Directory.CreateDirectory(path, all);
        if (File.GetUnixFileMode(path) != all)
        {
            File.SetUnixFileMode(path, all);
        }
    }

    /// <summary>Writes a whole file in place of what is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="mode">Who may read it besides; null for nobody.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode? mode = null)
    {
        var next = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new FileStream(next, Options(FileMode.Create, FileShare.None, mode ?? Owner)))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(next, path, overwrite: true);
        }
        catch
        {
            File.Delete(next);
            throw;
        }
    }

    /// <summary>Options for a file of its owner alone.</summary>
    /// <param name="open">How it is opened.</param>
    /// <param name="share">Who may have it open too.</param>
    /// <param name="mode">Its mode, where it is made.</param>
    public static FileStreamOptions Options(FileMode open, FileShare share, UnixFileMode mode = Owner)
    {
        var options = new FileStreamOptions { Mode = open, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        return options;
    }
}
