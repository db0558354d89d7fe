using System.Globalization;
using Fairlead.Configuration;

namespace Fairlead.Listeners;

/// <summary>
/// Keeps client connections from taking the last file descriptors of the process. Without one the runtime cannot even start a thread, and ends; so
/// connections are closed before that. Linux only; elsewhere nobody says how many there may be.
/// </summary>
internal static class Descriptors
{
    // For connections that the system has taken and that are still to be closed, threads, the audit file, files that are read again; half of all where there are few.
    private const int Reserve = 640;

    // Files of the program that are opened after this (Commands/LoadedProgram).
    private const int ToBeLoaded = 400;

    private const int Least = 600;

    // The client's connection, and the one to the upstream that its request needs.
    private const int PerConnection = 2;

    /// <summary>The options with no more connections than there are descriptors for, and a notice where those are fewer than configured.</summary>
    public static GatewayOptions Fit(GatewayOptions options)
    {
        if (Most() is not { } most)
        {
            return options;
        }

        var connections = options.Limits.Connections;
        var free = Math.Max(most - ToBeLoaded - Directory.GetFileSystemEntries("/proc/self/fd").Length, 0);
        var fit = Math.Max((free - Math.Min(Reserve, free / 2)) / PerConnection, 1);
        return fit >= (connections.All ?? int.MaxValue) ? options : options with
        {
            Limits = options.Limits with { Connections = connections.FittedTo(fit) },
            Notices =
            [
                .. options.Notices,
                string.Create(CultureInfo.InvariantCulture, $"limits.connections.all is {fit}: the process may have {most} files open, and each client connection can need {PerConnection} (ulimit -n)"),
            ],
        };
    }

    /// <summary>What is wrong where the program cannot even be loaded with so few; null where it can.</summary>
    public static ConfigurationError? TooFew() => Most() is { } most && most < Least
        ? new ConfigurationError("", string.Create(CultureInfo.InvariantCulture, $"the process may have {most} files open, and needs {Least} at least; raise the limit (ulimit -n), to 65536 for many clients"), null)
        : null;

    private static int? Most()
    {
        const string Name = "Max open files";
        var line = File.Exists("/proc/self/limits") ? File.ReadLines("/proc/self/limits").FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal)) : null;
        return int.TryParse(line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most : null;
    }
}
