using Fairlead.Cli.Logins;

namespace Fairlead.Cli.Credentials;

/// <summary>A token that somebody else puts into a file and renews there: a machine's, or the one that a first run prints.</summary>
internal static class TokenFile
{
    private const int Largest = 64 * 1024;
    private static readonly TimeSpan _ahead = TimeSpan.FromMinutes(1);

    /// <summary>The token.</summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public static string Read(string path)
    {
        using var file = OpenRead(path);
        var buffer = new char[Largest + 1];
        var text = new string(buffer, 0, file.ReadBlock(buffer)).Trim();
        return text.Length is > 0 and <= Largest && text.All(static c => c is > ' ' and <= '~') ? text
            : throw new CommandFailure($"{path} holds no token: it has to be one line of text without blanks");
    }

    /// <summary>When a client should look into the file again: a minute before a signed token expires; null where the token does not say.</summary>
    public static DateTimeOffset? Until(string token, DateTimeOffset now) => IdToken.Read(token)?.ExpiresAt - _ahead is { } until && until > now ? until : null;

    private static StreamReader OpenRead(string path)
    {
        try
        {
            return new StreamReader(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"The token cannot be read: {exception.Message}", exception);
        }
    }
}
