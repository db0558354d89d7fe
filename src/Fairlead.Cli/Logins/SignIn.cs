using Fairlead.Cli.Gateways;
using Fairlead.Cli.Http;
using Fairlead.Cli.Sessions;

namespace Fairlead.Cli.Logins;

/// <summary>How somebody signs in.</summary>
internal enum LoginWay
{
    /// <summary>With this machine's browser; where it has none, with a code.</summary>
    Best,

    /// <summary>With a code, in a browser anywhere.</summary>
    Device,

    /// <summary>With a browser on this machine that the person opens.</summary>
    Link,
}

/// <summary>What the person asked for.</summary>
/// <param name="Provider">The provider's name; null for the gateway's first one.</param>
/// <param name="Way">How.</param>
/// <param name="MayShare">Whether the gateway may ask for a login that is good at another one too.</param>
internal sealed record LoginChoice(string? Provider, LoginWay Way, bool MayShare = false);

/// <summary>Signs somebody in at a gateway.</summary>
internal sealed class SignIn(SecureHttp http, SessionStore store, Surroundings surroundings)
{
    /// <summary>Signs somebody in.</summary>
    /// <param name="address">The gateway.</param>
    /// <param name="choice">What the person asked for.</param>
    /// <param name="authorityPem">What is remembered as the authorities to trust; null for those of the system.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Session> RunAsync(GatewayAddress address, LoginChoice choice, string? authorityPem, CancellationToken cancellationToken)
    {
        var offers = await new GatewayClient(address, http, surroundings.Time).ProvidersAsync(cancellationToken);
        var offer = choice.Provider is null ? offers[0]
            : offers.FirstOrDefault(one => string.Equals(one.Name, choice.Provider, StringComparison.OrdinalIgnoreCase))
            ?? throw new CommandFailure($"The gateway has no provider '{Printable.Of(choice.Provider)}'; it has {string.Join(", ", offers.Select(static one => Printable.Of(one.Name)))}");
        if (offer.Issuer is null || offer.ClientId is null)
        {
            throw new CommandFailure($"What {address.Text} says about signing in cannot be used: the provider or the client is missing");
        }

        Check(offer, address, store, choice.MayShare);
        var provider = await ProviderClient.FindAsync(offer.Issuer, offer.ClientId, offer.ClientSecret, http, surroundings.Time, cancellationToken);
        var hasCodes = provider.Endpoint(provider.Metadata.DeviceAuthorizationEndpoint) is not null;
        var tokens = choice.Way is LoginWay.Device ? null
            : await new CodeLogin(provider, offer, surroundings).RunAsync(choice.Way is LoginWay.Best, needsBrowser: choice.Way is LoginWay.Best && hasCodes, cancellationToken);
        tokens ??= await new DeviceLogin(provider, offer, surroundings).RunAsync(cancellationToken);
        return new Session
        {
            Version = Session.CurrentVersion, Server = address.Text, CertificateAuthority = authorityPem,
            Provider = offer.Name ?? offer.Issuer, Issuer = offer.Issuer, ClientId = offer.ClientId, ClientSecret = offer.ClientSecret, Subject = tokens.Subject,
        }.With(tokens, surroundings.Time.GetUtcNow());
    }

    /// <summary>A token for a client is good wherever that client is accepted: whoever gets it may show it elsewhere.</summary>
    /// <exception cref="CommandFailure">The person has such a login at another gateway, and has not said that this one may have it.</exception>
    internal static void Check(LoginProvider offer, GatewayAddress address, SessionStore store, bool mayShare)
    {
        if (mayShare || store.Read(address)?.IsFor(offer) is true
            || store.All().FirstOrDefault(one => one.IsFor(offer) && !string.Equals(one.Server, address.Text, StringComparison.Ordinal)) is not { } other)
        {
            return;
        }

        throw new CommandFailure($"{address.Text} asks for the same login ({Printable.Of(offer.ClientId)} at {Printable.Of(offer.Issuer)}) as {other.Server}, and could use yours there. If both are yours to trust: fairlead login --server {address.Text} --shared-client; their operators had better give each a client of its own");
    }
}
