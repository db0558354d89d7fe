using Fairlead.Cli.Gateways;
using Fairlead.Cli.Http;
using Fairlead.Cli.Logins;

namespace Fairlead.Cli.Sessions;

/// <summary>Gives a login that is good: as it is kept, renewed, or made anew where somebody is there to sign in.</summary>
internal sealed class SessionKeeper(SessionStore store, Surroundings surroundings)
{
    /// <summary>A login with a token to be used.</summary>
    /// <param name="address">The gateway.</param>
    /// <param name="authorityPem">Authorities to trust, for a new login; those of the kept one count otherwise. Null for none.</param>
    /// <param name="isInteractive">Whether somebody is there to sign in.</param>
    /// <param name="cancellationToken">Ends the wait; a renewal that has begun goes on.</param>
    /// <exception cref="CommandFailure">There is none; the words say what to do.</exception>
    public async Task<Session> GetAsync(GatewayAddress address, string? authorityPem, bool isInteractive, CancellationToken cancellationToken)
    {
        // The usual case: one file is read.
        if (store.Read(address) is { } kept && kept.IsFresh(Now))
        {
            return kept;
        }

        using var held = await store.LockAsync(address, cancellationToken);
        var session = store.Read(address);
        if (session is not null && session.IsFresh(Now))
        {
            return session;
        }

        var why = "You are not signed in";
        if (session is { RefreshToken: not null })
        {
            var (renewed, problem) = await RenewAsync(address, session);
            if (renewed is not null)
            {
                return renewed;
            }

            why = problem!;
        }
        else if (session is not null)
        {
            why = session.IdToken is null ? "Your login has ended" : "Your login has ended: its token has expired, and the identity provider gave none to renew it with (the scope offline_access?)";
        }

        if (!isInteractive)
        {
            throw new CommandFailure($"{why}; run: fairlead login --server {address.Text}");
        }

        await surroundings.Errors.WriteLineAsync($"{why}; signing in at {address.Text}");
        authorityPem ??= session?.CertificateAuthority;
        using var http = new SecureHttp(authorityPem);
        var made = await new SignIn(http, store, surroundings).RunAsync(address, new LoginChoice(session?.Provider, LoginWay.Best), authorityPem, cancellationToken);
        store.Write(address, made);
        return made;
    }

    private DateTimeOffset Now => surroundings.Time.GetUtcNow();

    private async Task<(Session? Session, string? Problem)> RenewAsync(GatewayAddress address, Session session)
    {
        using var http = new SecureHttp(session.CertificateAuthority);
        try
        {
            // Never cancelled: the old refresh token would be spent, and the new one lost.
            var provider = await ProviderClient.FindAsync(session.Issuer, session.ClientId, session.ClientSecret, http, surroundings.Time, CancellationToken.None);
            var answer = await provider.RefreshAsync(session, next => store.Write(address, session.WithNext(next)), CancellationToken.None);
            if (answer.Error is { } error)
            {
                if (error.Error is not ("invalid_grant" or "other_subject"))
                {
                    throw new CommandFailure($"Your login cannot be renewed: {error.Explain(session.Issuer)}");
                }

                store.Write(address, session.Ended());
                return (null, $"Your login has ended: {error.Explain(session.Issuer)}");
            }

            var renewed = session.With(answer.Tokens!, surroundings.Time.GetUtcNow());
            store.Write(address, renewed);
            return (renewed, null);
        }
        catch (UnreachableFailure) when (session.IdToken is not null && Now < session.ExpiresAt)
        {
            // It is good for some seconds more, and whoever is away may be back then.
            return (session, null);
        }
    }
}
