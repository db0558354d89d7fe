using System.ComponentModel;
using System.Diagnostics;

namespace Fairlead.Cli.Logins;

/// <summary>The person's browser.</summary>
internal static class Browser
{
    /// <summary>Opens a page; false where there is no browser, or nobody in front of it.</summary>
    public static bool Open(Uri page, Func<string, string?> variable)
    {
        try
        {
            if (variable("BROWSER") is { } own && !OperatingSystem.IsWindows())
            {
                // The first of the list; it may have arguments.
                return Start(own.Split(':')[0], page);
            }

            // Who is here over SSH sits somewhere else.
            var isRemote = variable("SSH_CONNECTION") is not null;
            return OperatingSystem.IsWindows() ? !isRemote && StartShell(page)
                : OperatingSystem.IsMacOS() ? !isRemote && Start("open", page)
                : (variable("DISPLAY") ?? variable("WAYLAND_DISPLAY")) is not null && IsInPath("xdg-open", variable) && Start("xdg-open", page);
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsInPath(string program, Func<string, string?> variable) =>
        (variable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));

    private static bool StartShell(Uri page)
    {
        using var process = Process.Start(new ProcessStartInfo(page.AbsoluteUri) { UseShellExecute = true });
        return true;
    }

    /// <summary>Without our standard output: what a browser says there would stand in the credential.</summary>
    private static bool Start(string command, Uri page)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec $0 \"$1\" >/dev/null 2>&1 </dev/null", command, page.AbsoluteUri]) { UseShellExecute = false });
        return process is not null;
    }
}
