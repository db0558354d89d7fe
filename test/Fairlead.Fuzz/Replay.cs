namespace Fairlead.Fuzz;

/// <summary>Runs files through a target, and says what came of each.</summary>
internal static class Replay
{
    /// <summary>Replays <paramref name="paths"/>.</summary>
    /// <returns>The exit code: 1 when something was found.</returns>
    public static int Run(FuzzTarget target, IReadOnlyList<string> paths)
    {
        var found = 0;
        foreach (var file in paths.SelectMany(FilesAt))
        {
            try
            {
                Console.WriteLine($"{(target.Run(File.ReadAllBytes(file)) ? "accepted" : "refused")}  {file}");
            }
            catch (Exception exception)
            {
                // Whatever it is: this is what was looked for.
                Console.WriteLine($"FOUND     {file}\n{exception}");
                found++;
            }
        }

        return found > 0 ? 1 : 0;
    }

    private static IEnumerable<string> FilesAt(string path) => Directory.Exists(path) ? Directory.EnumerateFiles(path).Order(StringComparer.Ordinal) : [path];
}
