namespace Fairlead.EndToEndTests.Logins;

/// <summary>The providers that tests of logins run with.</summary>
public enum ProviderKind
{
    /// <summary>oidc-provider, in a process of Node.js.</summary>
    OidcProvider,

    /// <summary>OpenIddict, in this process.</summary>
    OpenIddict,
}

/// <summary>Starts any of them.</summary>
internal static class Providers
{
    /// <summary>Starts one as it is without options.</summary>
    public static async Task<IIdentityProvider> StartAsync(ProviderKind kind) => kind switch
    {
        ProviderKind.OidcProvider => await OidcProviderProcess.StartAsync(),
        ProviderKind.OpenIddict => await OpenIddictProvider.StartAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
