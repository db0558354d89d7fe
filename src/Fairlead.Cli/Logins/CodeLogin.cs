using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Cli.Gateways;

namespace Fairlead.Cli.Logins;

/// <summary>Signs somebody in with a browser on this machine: authorization code with PKCE, back to loopback (RFC 8252, RFC 7636).</summary>
internal sealed class CodeLogin(ProviderClient provider, LoginProvider offer, Surroundings surroundings)
{
    private static readonly Uri _defaultRedirect = new("http://127.0.0.1/callback");

    /// <summary>How long somebody may take at the provider's pages.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    /// <summary>Signs somebody in.</summary>
    /// <param name="opensBrowser">Whether to open the page; else its address is printed alone.</param>
    /// <param name="needsBrowser">Whether to give up where there is none to open it with.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Tokens; null where it was given up.</returns>
    public async Task<ProviderTokens?> RunAsync(bool opensBrowser, bool needsBrowser, CancellationToken cancellationToken)
    {
        var endpoint = provider.Endpoint(provider.Metadata.AuthorizationEndpoint)
            ?? throw new CommandFailure($"The identity provider {Printable.Of(provider.Issuer)} names no page to sign in at; try fairlead login --device");
        var (state, nonce, verifier) = (Random(), Random(), Random());
        using var listener = LoopbackListener.Open(RedirectOf(offer), state);
        var page = PageOf(endpoint, listener.RedirectUrl, state, nonce, verifier);
        if (opensBrowser && surroundings.OpenBrowser(page))
        {
            await surroundings.Errors.WriteLineAsync($"Your browser opens to sign you in. If it does not, go to:\n\n  {page.AbsoluteUri}\n");
        }
        else if (needsBrowser)
        {
            return null;
        }
        else
        {
            await surroundings.Errors.WriteLineAsync($"To sign in, open this page in a browser on this machine:\n\n  {page.AbsoluteUri}\n");
        }

        using var patience = new CancellationTokenSource(_patience, surroundings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        LoopbackCallback callback;
        try
        {
            callback = await listener.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new CommandFailure($"Nobody has signed in within {_patience.TotalMinutes} minutes; begin again. Where the browser is on another machine, use fairlead login --device");
        }

        using (callback)
        {
            try
            {
                var tokens = await ReadAsync(callback, listener.RedirectUrl, nonce, verifier);
                await callback.ShowAsync("Signed in", "You can close this page and go back to the command line.");
                return tokens;
            }
            catch (CommandFailure failure)
            {
                await callback.ShowAsync("Not signed in", failure.Message);
                throw;
            }
        }
    }

    private static Uri RedirectOf(LoginProvider offer) =>
        offer.RedirectUrl is null ? _defaultRedirect
        : Uri.TryCreate(offer.RedirectUrl, UriKind.Absolute, out var url) && url is { Scheme: "http", Host: "127.0.0.1" or "localhost" or "[::1]" } ? url
        : throw new CommandFailure("The gateway names a redirect address that is not on this machine; its operator has to set auth.oidc.cli.redirectUrl right");

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private Uri PageOf(Uri endpoint, Uri redirect, string state, string nonce, string verifier)
    {
        var query = new StringBuilder(endpoint.OriginalString)
            .Append(endpoint.Query.Length > 0 ? '&' : '?').Append("response_type=code")
            .Append("&client_id=").Append(Uri.EscapeDataString(provider.ClientId))
            .Append("&redirect_uri=").Append(Uri.EscapeDataString(redirect.OriginalString))
            .Append("&scope=").Append(Uri.EscapeDataString(string.Join(' ', offer.Scopes ?? ["openid"])))
            .Append("&state=").Append(state)
            .Append("&nonce=").Append(nonce)
            .Append("&code_challenge=").Append(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))))
            .Append("&code_challenge_method=S256");
        if (offer.Scopes?.Contains("offline_access", StringComparer.Ordinal) is true)
        {
            // Without it a provider has to ignore the scope (OpenID Connect Core 1.0 11).
            query.Append("&prompt=consent");
        }

        return new Uri(query.ToString());
    }

    /// <summary>Not cancelled: the code is spent by the first attempt.</summary>
    private Task<ProviderTokens> ReadAsync(LoopbackCallback callback, Uri redirect, string nonce, string verifier)
    {
        // Mix-up of two providers (RFC 9207 2.4).
        var iss = callback["iss"];
        if ((iss is not null || provider.Metadata.AuthorizationResponseIssParameterSupported) && !string.Equals(iss, provider.Issuer, StringComparison.Ordinal))
        {
            throw new CommandFailure("The answer is of another identity provider than the one that was asked; begin again");
        }

        return callback["code"] is { Length: > 0 } code ? provider.RedeemAsync(code, verifier, redirect, nonce, CancellationToken.None)
            : throw new CommandFailure($"Signing in failed: {new ProviderError(callback["error"] ?? "no code", callback["error_description"]).Explain(provider.Issuer)}");
    }
}
