using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Sessions;

/// <summary>Where a Redis or Valkey is: <c>redis://[[user]:password@]host[:port][/database]</c>, <c>rediss://</c> for TLS.</summary>
internal sealed record RedisAddress
{
    private const int DefaultPort = 6379;

    /// <summary>The host name or address, also the name that its certificate has to have.</summary>
    public required string Host { get; init; }

    /// <summary>The port.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>The number of the database.</summary>
    public int Database { get; init; }

    /// <summary>Whether the connection is encrypted.</summary>
    public bool UseTls { get; init; }

    /// <summary>The user; null for the default one.</summary>
    public string? User { get; init; }

    /// <summary>The password; null for none.</summary>
    public Secret? Password { get; init; }

    /// <summary>The authorities to trust, as a file of PEM; null for those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>Reads a URL.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="caFile">The file of authorities, if any.</param>
    /// <param name="address">The address.</param>
    /// <param name="problem">What is wrong; never repeats the value, which may hold a password.</param>
    public static bool TryRead(
        string url, string? caFile, [NotNullWhen(true)] out RedisAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        var isUrl = Uri.TryCreate(url, UriKind.Absolute, out var uri);
        var useTls = isUrl && uri!.Scheme is "rediss";
        var database = 0;
        problem = !isUrl || uri!.Scheme is not ("redis" or "rediss") ? "has to begin with redis:// or rediss:// and to be a URL"
            : uri.Host.Length == 0 ? "names no host"
            : uri.Query.Length > 0 || uri.Fragment.Length > 0 ? "has a query or a fragment, which mean nothing here"
            : uri.Port == 0 ? "names port 0"
            : !IsDatabase(uri.AbsolutePath, out database) ? "has a path that is not the number of a database"
            : uri.UserInfo.Length > 0 && !uri.UserInfo.Contains(':', StringComparison.Ordinal)
                ? "has a user without a password; write ':password@' for a password alone"
            : caFile is not null && !useTls ? "begins with redis://, where a caFile means nothing; write rediss://"
            : null;
        if (problem is not null)
        {
            return false;
        }

        var colon = uri!.UserInfo.IndexOf(':', StringComparison.Ordinal);
        var user = colon > 0 ? Uri.UnescapeDataString(uri.UserInfo[..colon]) : null;
        var password = Uri.UnescapeDataString(uri.UserInfo[(colon + 1)..]);
        address = new RedisAddress
        {
            Host = uri.IdnHost,
            Port = uri.Port < 0 ? DefaultPort : uri.Port,
            Database = database,
            UseTls = useTls,
            User = user,
            Password = password.Length > 0 ? new Secret(password) : null,
            CaFile = caFile,
        };
        return true;
    }

    /// <summary>The host and the port.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static bool IsDatabase(string path, out int database)
    {
        database = 0;
        return path is "" or "/" || int.TryParse(path.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out database);
    }
}
