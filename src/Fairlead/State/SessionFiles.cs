using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Fairlead.Callers;
using Fairlead.Sessions;

namespace Fairlead.State;

/// <summary>
/// Sessions as files, one each, for a single replica that starts again. A file opens with the secret and the key that only the browser has (<see cref="SessionCipher"/>); until the browser
/// comes, the gateway knows its hashed names and times. A file's time is the last use.
/// </summary>
internal sealed partial class SessionFiles
{
    private const string Purpose = "session";
    private static readonly TimeSpan _exactness = TimeSpan.FromMinutes(1);

    private readonly string _sessions;
    private readonly string _used;
    private readonly SessionCipher _cipher;
    private readonly ILogger _logger;

    /// <summary>Takes the folder.</summary>
    /// <param name="folder">The folder of all state.</param>
    /// <param name="cipher">Encrypts.</param>
    /// <param name="logger">The log.</param>
    public SessionFiles(string folder, SessionCipher cipher, ILogger<SessionFiles> logger)
    {
        (_sessions, _used) = (Path.Combine(folder, "sessions"), Path.Combine(folder, "used"));
        (_cipher, _logger) = (cipher, logger);
        Directory.CreateDirectory(_sessions, StateFolder.Mode);
        Directory.CreateDirectory(_used, StateFolder.Mode);
    }

    /// <summary>Names that tell nothing; the first one is written.</summary>
    public string[] NamesOf(params string[] words) => _cipher.NamesOf(words);

    /// <summary>What is kept, that of the oldest use first.</summary>
    public IReadOnlyList<(TokenHash Key, StoredSession Session, DateTimeOffset LastUsedAt)> Read()
    {
        var found = new List<(TokenHash, StoredSession, DateTimeOffset LastUsedAt)>();
        foreach (var file in new DirectoryInfo(_sessions).EnumerateFiles())
        {
            if (Try(() => JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), StoredJson.Default.StoredSession)) is { Schema: StoredSession.CurrentSchema } session && Hash(file.Name) is { } key)
            {
                found.Add((key, session, new DateTimeOffset(file.LastWriteTimeUtc)));
            }
            else
            {
                LogUnreadable(file.Name);
            }
        }

        found.Sort(static (one, other) => one.LastUsedAt.CompareTo(other.LastUsedAt));
        return found;
    }

    /// <summary>Keeps a session as it is now.</summary>
    public void Write(OpaqueKey key, BrowserSession session)
    {
        var path = Path.Combine(_sessions, key.HashText);
        Try(() =>
        {
            PrivateFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(
                new StoredSession
                {
                    Schema = StoredSession.CurrentSchema,
                    Subject = _cipher.NameOf("subject", session.Issuer, session.Subject),
                    ProviderSession = session.ProviderSession is { } sid ? _cipher.NameOf("sid", session.Issuer, sid) : null,
                    EndsAt = session.EndsAt,
                    Version = session.Version,
                    Data = _cipher.Seal(key, Purpose, session.Version, SessionDocument.Write(session)),
                },
                StoredJson.Default.StoredSession));
            File.SetLastWriteTimeUtc(path, session.LastUsedAt.UtcDateTime);
            return true;
        });
    }

    /// <summary>The session in a file; null where the file was changed, or is another key's.</summary>
    public BrowserSession? Open(OpaqueKey key, StoredSession stored) =>
        _cipher.Open(key, Purpose, stored.Version, stored.Data) is { } document && SessionDocument.Read(document) is { } session && session.Version == stored.Version ? session : null;

    /// <summary>Notes a use; not each of them, since one a minute tells enough.</summary>
    /// <param name="key">The session.</param>
    /// <param name="before">The use that was noted last.</param>
    /// <param name="now">This one.</param>
    /// <returns>The use that is noted now.</returns>
    public DateTimeOffset Touch(TokenHash key, DateTimeOffset before, DateTimeOffset now)
    {
        if (now - before < _exactness)
        {
            return before;
        }

        Try(() =>
        {
            File.SetLastWriteTimeUtc(Path.Combine(_sessions, key.ToText()), now.UtcDateTime);
            return true;
        });
        return now;
    }

    /// <summary>Forgets a session.</summary>
    public void Delete(TokenHash key) => Remove(Path.Combine(_sessions, key.ToText()));

    /// <summary>What was used, and how long that is to be remembered; what is over is taken away.</summary>
    public IReadOnlyList<(TokenHash Id, DateTimeOffset Until)> ReadUsed(DateTimeOffset now)
    {
        var found = new List<(TokenHash, DateTimeOffset)>();
        foreach (var file in new DirectoryInfo(_used).EnumerateFiles())
        {
            if (file.LastWriteTimeUtc <= now.UtcDateTime || Hash(file.Name) is not { } id)
            {
                Remove(file.FullName);
            }
            else
            {
                found.Add((id, new DateTimeOffset(file.LastWriteTimeUtc)));
            }
        }

        return found;
    }

    /// <summary>Remembers a use; false where it cannot be kept.</summary>
    public bool TryRemember(TokenHash id, DateTimeOffset until)
    {
        var path = Path.Combine(_used, id.ToText());
        return Try(() =>
        {
            PrivateFile.Write(path, []);
            File.SetLastWriteTimeUtc(path, until.UtcDateTime);
            return true;
        });
    }

    /// <summary>Forgets a use.</summary>
    public void Forget(TokenHash id) => Remove(Path.Combine(_used, id.ToText()));

    private static TokenHash? Hash(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        return Base64Url.DecodeFromChars(name, hash, out _, out var length) is OperationStatus.Done && length == hash.Length ? TokenHash.FromHash(hash) : null;
    }

    private void Remove(string path) => Try(() =>
    {
        File.Delete(path);
        return true;
    });

    private T? Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            LogFailed(exception);
            return default;
        }
    }

    [LoggerMessage(EventId = 1021, Level = LogLevel.Error, Message = "A file in stateDir cannot be read, written or taken away: a login that is not kept ends with the process, and one that was ended and is still there comes back when the process is started again")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 1022, Level = LogLevel.Warning, Message = "A file in stateDir is no session and is left alone: {File}")]
    private partial void LogUnreadable(string file);
}
