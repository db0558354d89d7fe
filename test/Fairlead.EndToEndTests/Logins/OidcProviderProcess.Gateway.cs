namespace Fairlead.EndToEndTests.Logins;

/// <content>The provider as a gateway uses it, with one client.</content>
internal sealed partial class OidcProviderProcess
{
    /// <summary>The client's id.</summary>
    public const string ClientId = "fairlead";

    /// <summary>The client's secret.</summary>
    public const string ClientSecret = "a secret: of + 100% signs";

    /// <summary>How often tokens were refreshed.</summary>
    public int Refreshes => Events.Count(static happened => happened is { Event: "grant.success", GrantType: "refresh_token" });

    /// <summary>How often a grant was ended: by a logout, or because a code or a refresh token was used twice.</summary>
    public int Revocations => Events.Count(static happened => happened is { Event: "grant.revoked" });

    /// <summary>How often it told a client that somebody has left, and was understood.</summary>
    public int Told => Events.Count(static happened => happened is { Event: "backchannel.success" });

    /// <summary>Starts it at <c>localhost</c> for a gateway.</summary>
    /// <param name="gateway">The gateway's origin.</param>
    /// <param name="accessTokenSeconds">How long access tokens are good for.</param>
    /// <param name="idTokenSeconds">How long ID tokens are good for.</param>
    public static async Task<OidcProviderProcess> StartAsync(Uri gateway, int accessTokenSeconds = 3600, int idTokenSeconds = 3600)
    {
        var lifetimes = new Dictionary<string, int> { ["AccessToken"] = accessTokenSeconds, ["IdToken"] = idTokenSeconds };
        var provider = await StartAsync(new OidcProviderOptions { Host = "localhost", Lifetimes = lifetimes });
        await provider.AddClientAsync(OfGateway(gateway));
        return provider;
    }

    /// <summary>A gateway as a client of any provider.</summary>
    /// <param name="gateway">The gateway's origin.</param>
    public static ProviderClient OfGateway(Uri gateway) => new(ClientId, new Uri(gateway, "/auth/callback").AbsoluteUri)
    {
        Secret = ClientSecret,
        PostLogoutRedirectUris = [gateway.AbsoluteUri],
        BackchannelLogoutUri = new Uri(gateway, "/auth/backchannel-logout").AbsoluteUri,
    };
}
