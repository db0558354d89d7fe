using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Fairlead.Commands;

/// <summary>
/// Makes this process one that nobody looks into and that leaves no copy of its memory behind: it holds the keys of every cluster. No port for
/// debuggers and profilers, no dump by the runtime or by the kernel, whatever the environment says. Linux only; elsewhere it does nothing.
/// </summary>
internal static class SealedProcess
{
    // The runtime reads these before any of our code runs, and from nowhere else: no entry of runtimeconfig.json stands for them.
    private const string Diagnostics = "DOTNET_EnableDiagnostics";
    private static readonly string[] _prefixes = ["DOTNET_", "COMPlus_"];

    /// <summary>
    /// What writes although <see cref="Diagnostics"/> is 0, and where: memory when it crashes; events, which hold the targets of requests; the runtime's own log, a file
    /// mapped into memory. Profilers and ports are off with <see cref="Diagnostics"/>; a start-up hook is code of the operator, as the program itself is.
    /// </summary>
    private static readonly (string Switch, string? File, string? Otherwise)[] _writers =
        [("DbgEnableMiniDump", null, null), ("EnableEventPipe", "EventPipeOutputPath", "trace.nettrace"), ("StressLog", "StressLogFilename", null)];

    private const int CoreFileSize = 4;
    private const int FileSizeExceeded = 25;
    private const int SetDumpable = 4;

    private static PosixSignalRegistration? _fileSize;

    /// <summary>Seals the process. Where the runtime was started open, the program is started once more in its place, with the same id, arguments and files.</summary>
    /// <exception cref="InvalidOperationException">It cannot be done; the message says what to set.</exception>
    public static void Seal()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Not to be raised again, by programs that this one starts either. The limit holds over the start below; the next flag does not.
        var none = default(Limit);
        Check(SetLimit(CoreFileSize, none), "setrlimit");
        if (IsOpen)
        {
            try
            {
                StartAgain();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new InvalidOperationException($"the process cannot be started again closed to debuggers and dumps ({exception.Message}); set {Diagnostics}=0 and no variable that asks for dumps", exception);
            }
        }

        // The limit is not asked where the kernel hands dumps to a program, and createdump does not ask it at all.
        Check(Control(SetDumpable, 0, 0, 0, 0), "prctl");

        // A file that reaches the limit of its size is a full disk: an error for whoever writes, and not the end of the process.
        _fileSize ??= PosixSignalRegistration.Create((PosixSignal)FileSizeExceeded, static context => context.Cancel = true);
    }

    private static bool IsOpen =>
        Environment.GetEnvironmentVariable(Diagnostics) is not "0" || _writers.Any(static writer => Setting(writer.Switch) is not (null or "0"));

    /// <summary>A switch of the runtime, which takes an empty one for none, and looks further.</summary>
    private static string? Setting(string name) => _prefixes.Select(prefix => Environment.GetEnvironmentVariable(prefix + name)).FirstOrDefault(static value => value is not (null or ""));

    private static void StartAgain()
    {
        // The C library's own variables, and the arguments as they came: byte by byte what this process was started with.
        Check(SetVariable(Diagnostics, "0", 1), "setenv");
        RemovePorts();
        RemoveWritten();
        foreach (var name in from writer in _writers from prefix in _prefixes select prefix + writer.Switch)
        {
            Check(RemoveVariable(name), "unsetenv");
        }

        var line = File.ReadAllBytes("/proc/self/cmdline");
        var text = GCHandle.Alloc(line, GCHandleType.Pinned);
        try
        {
            if (line is not [.., 0])
            {
                throw new IOException("/proc/self/cmdline holds no arguments");
            }

            List<IntPtr> arguments = [];
            for (var start = 0; start < line.Length; start = Array.IndexOf(line, (byte)0, start) + 1)
            {
                arguments.Add(text.AddrOfPinnedObject() + start);
            }

            Check(Execute(Encoding.UTF8.GetBytes("/proc/self/exe\0"), [.. arguments, IntPtr.Zero]), "execv");
        }
        finally
        {
            text.Free();
        }
    }

    /// <summary>The open runtime's ports end with it, but it does not come to removing their files.</summary>
    private static void RemovePorts()
    {
        var folder = Path.GetTempPath();
        foreach (var port in (string[])["dotnet-diagnostic", "clr-debug-pipe"])
        {
            foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, string.Create(CultureInfo.InvariantCulture, $"{port}-{Environment.ProcessId}-*")) : [])
            {
                try
                {
                    File.Delete(file);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // It is gone, or somebody else's, who has given it that name: ours are in a folder that we may write to.
                }
            }
        }
    }

    /// <summary>What the open runtime has begun to write. A device or a pipe has no length, and is nothing to be removed.</summary>
    private static void RemoveWritten()
    {
        foreach (var (name, file, otherwise) in _writers)
        {
            var path = Setting(name) is null or "0" || file is null ? null : Setting(file) ?? otherwise;
            var written = path is null ? null : new FileInfo(path.Replace("{pid}", string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}"), StringComparison.Ordinal));
            if (written is { Exists: true, Length: > 0 })
            {
                written.Delete();
            }
        }
    }

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"the process cannot be closed to debuggers and dumps ({call}: {Marshal.GetLastPInvokeErrorMessage()}); set {Diagnostics}=0 and leave {string.Join(", ", _writers.Select(static writer => _prefixes[0] + writer.Switch))} unset"));
        }
    }

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetLimit(int resource, in Limit limit);

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int option, nint first, nint second, nint third, nint fourth);

    [DllImport("libc", EntryPoint = "setenv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetVariable([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);

    [DllImport("libc", EntryPoint = "unsetenv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int RemoveVariable([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport("libc", EntryPoint = "execv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Execute(byte[] path, IntPtr[] arguments);

    /// <summary>The two bounds of a resource; as zeros they are right at any width.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(ulong Now, ulong AtMost);
}
