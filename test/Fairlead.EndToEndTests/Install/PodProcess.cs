using System.Text.Json.Nodes;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary>
/// The server, started as a kubelet would start it from the image and a Deployment: as that user, with those arguments, variables and volumes, on a read-only root file system of its own. There
/// is no engine and no network of its own: it listens at an address of loopback that the chart was given.
/// </summary>
internal sealed class PodProcess : IAsyncDisposable
{
    /// <summary>Where a kubelet puts the account's token.</summary>
    private const string AccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    private static int _count;
    private readonly TempFolder _folder = new();

    private PodProcess(Manifest deployment, IReadOnlyDictionary<string, string> volumes, IReadOnlyDictionary<string, string> variables, string? published)
    {
        var image = new ImageRecipe();
        var root = new PodRoot();
        string[] command = published is null ? Built(root) : [image.Program];
        if (published is not null)
        {
            root.Show(published, image.Program);
        }

        var container = deployment.At("spec", "template", "spec", "containers", "0")!;
        foreach (var mount in container["volumeMounts"]!.AsArray())
        {
            root.Folder(volumes[Text(mount!["name"])], Text(mount["mountPath"]));
        }

        if (deployment.Text("spec", "template", "spec", "automountServiceAccountToken") is "true")
        {
            root.Folder(volumes["account"], AccountFolder);
        }

        var security = deployment.At("spec", "template", "spec", "securityContext")!;
        var environment = image.Environment.Concat(variables.Select(static pair => $"{pair.Key}={pair.Value}"));
        var arguments = container["args"]!.AsArray().Select(Text);
        var script = root.Script($"{Text(security["runAsUser"])}:{Text(security["runAsGroup"])}", environment, command.Concat(arguments));
        Process = RunningProcess.Start("unshare", ["--mount", "sh", _folder.Write("pod.sh", script), Directory.CreateDirectory(_folder.PathOf("root")).FullName]);
    }

    /// <summary>The server as <c>deploy/release.sh</c> builds it, or <c>dotnet publish src/Fairlead -c Release -r linux-x64 --self-contained</c>.</summary>
    public static ExternalTool Published { get; } = new(
        "the published server", "FAIRLEAD_PUBLISHED",
        [Environment.GetEnvironmentVariable("FAIRLEAD_PUBLISHED") ?? "", Path.Combine(ExternalTools.RepositoryRoot(), "artifacts", "publish", "test", "fairlead")]);

    /// <summary>The process.</summary>
    public RunningProcess Process { get; }

    /// <summary>An address of loopback that no other pod has.</summary>
    public static string NextAddress()
    {
        var number = Interlocked.Increment(ref _count);
        return $"127.{100 + (Environment.ProcessId % 100)}.{Environment.ProcessId / 100 % 250}.{number}";
    }

    /// <summary>Skips the test, loudly, where processes cannot have a root file system of their own.</summary>
    public static async Task SkipTestWithoutAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root may give a process a root file system of its own");
        var tried = await ProcessRunner.RunAsync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
        Assert.SkipUnless(tried.ExitCode == 0, $"this machine lets nobody mount, so no process can have a root file system of its own: {tried.Errors.Trim()}");
    }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="deployment">The Deployment.</param>
    /// <param name="volumes">A folder for each of its volumes, and for <c>account</c> where it has a token.</param>
    /// <param name="variables">The variables of its container, and those that every pod has.</param>
    /// <param name="published">The published server; null for the one that the tests were built with.</param>
    public static async Task<PodProcess> StartAsync(
        Manifest deployment, IReadOnlyDictionary<string, string> volumes, IReadOnlyDictionary<string, string>? variables = null, string? published = null)
    {
        foreach (var folder in volumes.Values)
        {
            Open(folder);
        }

        var pod = new PodProcess(deployment, volumes, variables ?? new Dictionary<string, string>(StringComparer.Ordinal), published);
        try
        {
            await pod.Process.WaitForLineAsync("listens on");
            return pod;
        }
        catch
        {
            await pod.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Volumes are for everybody in the pod to read.</summary>
    private static void Open(string folder)
    {
        const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(folder, Everybody);
    }

    /// <summary>The server of the tests needs its runtime beside it.</summary>
    private static string[] Built(PodRoot root)
    {
        var runtime = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        root.Folder(runtime, runtime);
        root.Folder(AppContext.BaseDirectory, AppContext.BaseDirectory.TrimEnd('/'));
        return [Path.Combine(runtime, "dotnet"), Path.Combine(AppContext.BaseDirectory, "fairlead.dll")];
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
