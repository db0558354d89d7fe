using System.Globalization;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Testing.Files;

namespace Fairlead.Kubernetes.Tests.ExecPlugins;

/// <summary>A folder with plugins: shell scripts that a test writes.</summary>
internal sealed class PluginFolder : IDisposable
{
    /// <summary>A credential that a script prints with <c>printf %s</c> of it in single quotes.</summary>
    public const string Good = """{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}""";

    public TempFolder Folder { get; } = new();

    public static ExecSettings Any(string command) => new() { AllowedCommands = [command] };

    public string Script(string body, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, string interpreter = "#!/bin/sh\n")
    {
        var path = Folder.Write("plugin", interpreter + body);
        File.SetUnixFileMode(path, mode);
        return path;
    }

    /// <summary>Runs a script as a plugin.</summary>
    public Task<ExecCredential> RunAsync(string body, Func<ExecSettings, ExecSettings>? change = null)
    {
        var path = Script(body);
        return RunAsync(new ExecPlugin { Command = path, ApiVersion = ExecApiVersion.V1 }, change);
    }

    public static Task<ExecCredential> RunAsync(ExecPlugin plugin, Func<ExecSettings, ExecSettings>? change = null) =>
        new ExecPluginRunner(TimeProvider.System).RunAsync(plugin, (change ?? (static settings => settings))(Any(plugin.Command)), CancellationToken.None);

    /// <summary>The process whose number a script has written into a file, once it has.</summary>
    public async Task<int> NumberAsync(string file)
    {
        var number = 0;
        await Testing.Eventually.BeTrueAsync(
            () => File.Exists(Folder.Of(file)) && int.TryParse(File.ReadAllText(Folder.Of(file)).Trim(), CultureInfo.InvariantCulture, out number), $"the script writes {file}");
        return number;
    }

    /// <summary>Whether a process runs; one that has ended and was not waited for does not.</summary>
    public static bool Runs(int number)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{number}/stat"));
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Dispose() => Folder.Dispose();
}
