namespace Fairlead.Cli.Kubeconfigs;

/// <summary>How kubectl is to start this program.</summary>
internal static class PluginCommand
{
    private const string Name = "fairlead";

    /// <summary>The plain name where that finds this program, so that the kubeconfig outlives an update; else its path.</summary>
    /// <param name="program">The path of this program.</param>
    /// <param name="variable">The environment.</param>
    public static string Of(string program, Func<string, string?> variable)
    {
        var file = OperatingSystem.IsWindows() ? Name + ".exe" : Name;
        var found = (variable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        return found is not null && string.Equals(Final(found), Final(program), StringComparison.Ordinal) ? Name : program;
    }

    private static string Final(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
}
