using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials;

/// <summary>
/// A token in a file that somebody else rotates. The file's stamp is looked at on every request, which costs one system call,
/// so that the request after a rotation carries the new token (contract F50).
/// </summary>
internal sealed class FileToken(string path)
{
    private volatile Loaded? _loaded;

    /// <summary>The token as it is now.</summary>
    public CredentialResult Read()
    {
        try
        {
            var stamp = FileStamp.Of(path);
            var loaded = _loaded;
            if (loaded is null || loaded.Stamp != stamp)
            {
                if (!TextFile.TryRead(path, out var text, out var problem))
                {
                    return new CredentialResult(null, $"the token file {path} cannot be read: {problem}");
                }

                text = text.Trim();
                if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
                {
                    return new CredentialResult(null, $"the token file {path} is empty or holds more than a token");
                }

                loaded = new Loaded(stamp, new CredentialResult(new UpstreamCredential.ServiceAccount(new Secret("Bearer " + text)), null));
                _loaded = loaded;
            }

            return loaded.Result;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new CredentialResult(null, $"the token file {path} cannot be read: {exception.Message}");
        }
    }

    private sealed record Loaded(FileStamp Stamp, CredentialResult Result);
}
