using System.Text.Json;
using Fairlead.Cli.Gateways;

namespace Fairlead.Cli.Sessions;

/// <summary>Where logins are kept: a file for each gateway, in a folder of the person alone.</summary>
internal sealed class SessionStore(string folder, TimeProvider time)
{
    // EWOULDBLOCK of either system, and ERROR_SHARING_VIOLATION.
    private const int LockedOnLinux = 11;
    private const int LockedOnMac = 35;
    private const int LockedOnWindows = unchecked((int)0x80070020);

    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(50);

    /// <summary>How long another process may take: it may be waiting for somebody to sign in.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(6);

    /// <summary>The usual place of this system.</summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public static SessionStore Open(Surroundings surroundings) => new(Place(surroundings.Variable), surroundings.Time);

    /// <summary>The login at a gateway; null for none that can be read.</summary>
    public Session? Read(GatewayAddress address) => Read(PathOf(address));

    /// <summary>All logins.</summary>
    public IReadOnlyList<Session> All() => Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(Read).OfType<Session>()] : [];

    /// <summary>Keeps a login.</summary>
    public void Write(GatewayAddress address, Session session)
    {
        PrivateFile.MakeFolder(folder);
        PrivateFile.Write(PathOf(address), JsonSerializer.SerializeToUtf8Bytes(session, SessionJson.Default.Session));
    }

    /// <summary>Forgets a login.</summary>
    public void Delete(GatewayAddress address) => File.Delete(PathOf(address));

    /// <summary>
    /// The right to change the login at a gateway, until it is disposed of. Refresh tokens are good once (RFC 9700 4.14.2): of two processes that find it time to renew, the
    /// second has to wait, and then finds it done. The lock ends with its process.
    /// </summary>
    public async Task<IDisposable> LockAsync(GatewayAddress address, CancellationToken cancellationToken)
    {
        PrivateFile.MakeFolder(folder);
        var path = Path.Combine(folder, address.FileName + ".lock");
        for (var start = time.GetTimestamp(); ;)
        {
            try
            {
                // The file stays: a lock on one that is deleted locks nobody out.
                return new FileStream(path, PrivateFile.Options(FileMode.OpenOrCreate, FileShare.None));
            }
            catch (IOException exception) when (exception.HResult is LockedOnLinux or LockedOnMac or LockedOnWindows)
            {
                if (time.GetElapsedTime(start) > _patience)
                {
                    throw new CommandFailure($"Another fairlead is busy with the login at {address.Text}, and does not end; it holds {path}");
                }
            }

            await Task.Delay(_retry, time, cancellationToken);
        }
    }

    private static string Place(Func<string, string?> variable)
    {
        // A path that is not absolute is to be ignored (XDG Base Directory Specification).
        var place = variable("XDG_CACHE_HOME") is { } cache && Path.IsPathFullyQualified(cache) ? cache
            : OperatingSystem.IsWindows() ? variable("LOCALAPPDATA")
            : variable("HOME") is not { } home ? null
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches")
            : Path.Combine(home, ".cache");
        return place is null ? throw new CommandFailure("There is no place to keep logins in: neither XDG_CACHE_HOME nor HOME (on Windows: LOCALAPPDATA) is set") : Path.Combine(place, "fairlead");
    }

    private static Session? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), SessionJson.Default.Session) is { Version: Session.CurrentVersion } session ? session : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    private string PathOf(GatewayAddress address) => Path.Combine(folder, address.FileName + ".json");
}
