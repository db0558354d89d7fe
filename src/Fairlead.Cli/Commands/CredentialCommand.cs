using System.Text.Json;
using Fairlead.Cli.Credentials;
using Fairlead.Cli.Sessions;

namespace Fairlead.Cli.Commands;

/// <summary><c>fairlead credential</c>: the plugin that kubectl starts. Standard output has the credential and nothing else.</summary>
internal static class CredentialCommand
{
    /// <summary>Prints a credential.</summary>
    public static async Task RunAsync(string? server, string? authorityFile, string? tokenFile, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var now = surroundings.Time.GetUtcNow();
        if (tokenFile is not null)
        {
            var token = TokenFile.Read(tokenFile);
            await WriteAsync(ExecCredential.Of(token, TokenFile.Until(token, now)), surroundings);
            return;
        }

        var info = ExecInfo.Read(surroundings.Variable);
        var store = SessionStore.Open(surroundings);
        var session = await new SessionKeeper(store, surroundings).GetAsync(
            GatewayChoice.Choose(server, store, surroundings),
            GatewayChoice.Authority(authorityFile) ?? info.AuthorityPem,
            info.IsInteractive ?? surroundings.IsInteractive,
            cancellationToken);
        await WriteAsync(ExecCredential.Of(session.IdToken!, session.IsFresh(now) ? session.RefreshAt : session.ExpiresAt), surroundings);
    }

    private static Task WriteAsync(ExecCredential credential, Surroundings surroundings) =>
        surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(credential, ExecJson.Default.ExecCredential));
}
