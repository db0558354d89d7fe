using System.Security.Cryptography;
using System.Text;
using Fairlead.Configuration;
using Fairlead.FirstRun;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;

namespace Fairlead.State;

/// <summary>The folder that a single replica keeps across its restarts (<c>stateDir</c>, decision 28): the secret that everything is encrypted and signed with, the sessions, the generated certificate.</summary>
internal sealed class StateFolder : IDisposable
{
    /// <summary>The mode of the folder and those in it.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Not the set-group bit, which a folder on a volume of Kubernetes inherits.
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const int SecretSize = 32;

    private readonly string _path;
    private readonly FileStream _lock;
    private readonly Secret _secret;

    private StateFolder(string path, FileStream @lock)
    {
        (_path, _lock) = (path, @lock);
        _secret = ReadSecret(Path.Combine(path, "secret"));
    }

    /// <summary>Opens the folder, and makes it where there is none.</summary>
    /// <exception cref="StateFolderException">It cannot be used, others can read it, or another process uses it.</exception>
    public static StateFolder Open(string path)
    {
        FileStream? taken = null;
        try
        {
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path, Mode);
            }

            if ((File.GetUnixFileMode(path) & Others) is not UnixFileMode.None)
            {
                throw new StateFolderException($"stateDir ({path}) is open to others than its owner: chmod 700, or name a folder below it that is not there yet");
            }

            taken = new FileStream(Path.Combine(path, "lock"), new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            return new StateFolder(path, taken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StateFolderException)
        {
            var isTaken = taken is null && File.Exists(Path.Combine(path, "lock"));
            taken?.Dispose();
            throw exception as StateFolderException
                ?? new StateFolderException($"stateDir ({path}) cannot be used{(isTaken ? ", perhaps because another process does" : "")}: {exception.Message}", exception);
        }
    }

    /// <summary>The options with the secret of this folder, where none is configured.</summary>
    public GatewayOptions Apply(GatewayOptions options) =>
        options.Sessions.EncryptionSecret is null ? options with { Sessions = options.Sessions with { EncryptionSecret = _secret } } : options;

    /// <summary>The certificate that was generated, or a new one where there is none that is good for a while.</summary>
    /// <exception cref="StateFolderException">It cannot be kept.</exception>
    public GeneratedCertificate Certificate(DateTimeOffset now)
    {
        var file = Path.Combine(_path, "certificate.pem");
        try
        {
            if (File.Exists(file) && GeneratedCertificate.TryRead(File.ReadAllText(file), now) is { } kept)
            {
                return kept;
            }

            var made = GeneratedCertificate.Create(now);
            PrivateFile.Write(file, Encoding.ASCII.GetBytes(made.Pem), isFlushed: true);
            return made;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StateFolderException($"stateDir: {file} cannot be used: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static Secret ReadSecret(string file)
    {
        if (!File.Exists(file))
        {
            PrivateFile.Write(file, Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretSize))), isFlushed: true);
        }

        var text = File.ReadAllText(file).Trim();
        return text.Length >= SessionCipher.MinimumSecretLength ? new Secret(text)
            : throw new StateFolderException($"stateDir: {file} holds no secret; take the file away, and everybody signs in again");
    }
}
