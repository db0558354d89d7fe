namespace Fairlead.Fuzz.Targets;

/// <summary>Where inputs stand that are read from files: in memory where that is possible, and gone when the process ends.</summary>
internal static class ScratchFolder
{
    static ScratchFolder()
    {
        Path = Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory($"/dev/shm/fairlead-fuzz-{Environment.ProcessId}").FullName
            : Directory.CreateTempSubdirectory("fairlead-fuzz-").FullName;
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => Directory.Delete(Path, recursive: true);
    }

    /// <summary>The folder.</summary>
    public static string Path { get; }
}
