namespace Fairlead.Fuzz.Targets;

/// <summary>Where inputs stand that are read from files; gone when the process ends. Below <c>TMPDIR</c>, which <c>fuzz.sh</c> lets lie in memory.</summary>
internal static class ScratchFolder
{
    static ScratchFolder()
    {
        Path = Directory.CreateTempSubdirectory("fairlead-fuzz-").FullName;
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => Directory.Delete(Path, recursive: true);
    }

    /// <summary>The folder.</summary>
    public static string Path { get; }
}
