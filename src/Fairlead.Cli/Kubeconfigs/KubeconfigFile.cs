using System.Text;
using Fairlead.Cli.Sessions;

namespace Fairlead.Cli.Kubeconfigs;

/// <summary>The kubeconfig of the person, changed as kubectl changes it: under its lock, and whole.</summary>
internal static class KubeconfigFile
{
    /// <summary>The file that kubectl itself would write to.</summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public static string Default(Func<string, string?> variable) =>
        (variable("KUBECONFIG") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? first
        : (variable("HOME") ?? (OperatingSystem.IsWindows() ? variable("USERPROFILE") : null)) is { } home ? Path.Combine(home, ".kube", "config")
        : throw new CommandFailure("There is no kubeconfig to merge into: neither KUBECONFIG nor HOME is set; name the file with --merge FILE");

    /// <summary>Changes a file, or makes it.</summary>
    /// <exception cref="CommandFailure">It is left as it was.</exception>
    public static void Change(string path, Action<KubeconfigDocument> change)
    {
        try
        {
            // Behind a link stands the file that is meant; to write in place of the link would part them.
            var file = Path.GetFullPath(new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path);
            if (!Directory.Exists(Path.GetDirectoryName(file)))
            {
                PrivateFile.MakeFolder(Path.GetDirectoryName(file)!);
            }

            using var held = Lock(Path.GetFullPath(path) + ".lock");
            var document = KubeconfigDocument.Parse(File.Exists(file) ? File.ReadAllText(file) : "", path);
            change(document);
            PrivateFile.Write(file, Encoding.UTF8.GetBytes(document.ToString()), File.Exists(file) && !OperatingSystem.IsWindows() ? File.GetUnixFileMode(file) : null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{path} cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>The lock of client-go: a file beside that is there as long as somebody writes.</summary>
    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new CommandFailure($"Somebody else is changing the kubeconfig; when nobody is, delete {path}", exception);
        }
    }
}
