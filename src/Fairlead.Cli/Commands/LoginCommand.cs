using Fairlead.Cli.Gateways;
using Fairlead.Cli.Http;
using Fairlead.Cli.Logins;
using Fairlead.Cli.Sessions;

namespace Fairlead.Cli.Commands;

/// <summary><c>fairlead login</c>.</summary>
internal static class LoginCommand
{
    /// <summary>Signs somebody in, keeps the login, and says what the gateway makes of it.</summary>
    public static async Task RunAsync(string? server, string? authorityFile, LoginChoice choice, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var store = SessionStore.Open(surroundings);
        var address = GatewayChoice.Choose(server, store, surroundings);
        var authority = GatewayChoice.Authority(authorityFile) ?? store.Read(address)?.CertificateAuthority;
        using var http = new SecureHttp(authority);
        Session session;
        using (await store.LockAsync(address, cancellationToken))
        {
            session = await new SignIn(http, store, surroundings).RunAsync(address, choice, authority, cancellationToken);
            store.Write(address, session);
        }

        var gateway = new GatewayClient(address, http, surroundings.Time);
        var name = await gateway.WhoAsync(session.IdToken!, cancellationToken);
        await surroundings.Output.WriteLineAsync($"Signed in at {address.Text} as {Printable.Of(name)}.");
        string clusters;
        try
        {
            clusters = string.Join(", ", (await gateway.ClustersAsync(session.IdToken!, cancellationToken)).Select(Printable.Of));
        }
        catch (CommandFailure failure)
        {
            // No rule for them yet: they are signed in all the same.
            await surroundings.Errors.WriteLineAsync($"fairlead: {failure.Message}");
            return;
        }

        await surroundings.Output.WriteLineAsync(clusters.Length == 0 ? "There is no cluster yet." : $"Clusters: {clusters}. To use them with kubectl: fairlead kubeconfig --merge");
    }
}
