using Fairlead.Cli.Http;
using Fairlead.Cli.Logins;
using Fairlead.Cli.Sessions;

namespace Fairlead.Cli.Commands;

/// <summary><c>fairlead logout</c>.</summary>
internal static class LogoutCommand
{
    /// <summary>Takes the refresh token back at the provider, and forgets the login in any case.</summary>
    public static async Task RunAsync(string? server, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var store = SessionStore.Open(surroundings);
        var address = GatewayChoice.Choose(server, store, surroundings);
        using var held = await store.LockAsync(address, cancellationToken);
        var session = store.Read(address);
        store.Delete(address);
        if (session is null)
        {
            await surroundings.Output.WriteLineAsync($"You are not signed in at {address.Text}.");
            return;
        }

        var end = session.RefreshToken is null ? "" : await RevokeAsync(session, surroundings.Time, cancellationToken);
        await surroundings.Output.WriteLineAsync($"Signed out of {address.Text}.{end}");
    }

    private static async Task<string> RevokeAsync(Session session, TimeProvider time, CancellationToken cancellationToken)
    {
        using var http = new SecureHttp(session.CertificateAuthority);
        try
        {
            var provider = await ProviderClient.FindAsync(session.Issuer, session.ClientId, session.ClientSecret, http, time, cancellationToken);
            return await provider.RevokeAsync(session.RefreshToken!, cancellationToken) ? ""
                : $" {Printable.Of(session.Issuer)} takes no tokens back; a copy of yours would be good until it expires.";
        }
        catch (CommandFailure failure)
        {
            return $" The token was not taken back at the identity provider: {failure.Message}.";
        }
    }
}
