using System.Net;
using Fairlead.Testing.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>
/// OpenIddict in this process. Where it differs from oidc-provider: the issuer ends with a slash; a single group is a string and no list; there is no
/// back-channel logout and no <c>sid</c>; refresh tokens come without <c>prompt=consent</c>; <c>?user=</c> at its own login page needs no form.
/// </summary>
internal sealed partial class OpenIddictProvider : IIdentityProvider
{
    private readonly WebApplication _application;

    private OpenIddictProvider(WebApplication application, TestCertificates certificates)
    {
        _application = application;
        AuthorityPem = certificates.AuthorityPem;
        Issuer = application.Urls.Single() + "/";
    }

    /// <inheritdoc/>
    public string Issuer { get; }

    /// <inheritdoc/>
    public string AuthorityPem { get; }

    /// <summary>Starts it on a port of the system's choice.</summary>
    /// <param name="change">Changes how it issues tokens, lifetimes for example.</param>
    /// <param name="certificates">Who issues its certificate; null: the shared authority.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public static async Task<OpenIddictProvider> StartAsync(Action<OpenIddictServerBuilder>? change = null, TestCertificates? certificates = null, TimeProvider? time = null)
    {
        certificates ??= TestCertificates.Shared;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => listen.UseHttps(certificates.Server("127.0.0.1", "localhost").Certificate)));
        var database = $"provider-{Guid.NewGuid():N}";
        builder.Services.AddDbContext<DbContext>(options => options.UseInMemoryDatabase(database).UseOpenIddict());
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddOpenIddict()
            // The store in memory knows no updates of many rows at once.
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>().DisableBulkOperations())
            .AddServer(server =>
            {
                Configure(server);
                change?.Invoke(server);
            });

        var application = builder.Build();
        Map(application);
        await application.StartAsync();
        return new(application, certificates);
    }

    /// <inheritdoc/>
    public async Task AddClientAsync(ProviderClient client)
    {
        var descriptor = new OpenIddictApplicationDescriptor
        {
            ClientId = client.Id,
            ClientSecret = client.Secret,
            ClientType = client.Secret is null ? ClientTypes.Public : ClientTypes.Confidential,
            ConsentType = ConsentTypes.Implicit,
        };
        descriptor.RedirectUris.UnionWith(client.RedirectUris.Select(uri => new Uri(uri)));
        descriptor.PostLogoutRedirectUris.UnionWith(client.PostLogoutRedirectUris.Select(uri => new Uri(uri)));
        descriptor.Permissions.UnionWith(
        [
            Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession, Permissions.Endpoints.Revocation,
            Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
            Permissions.Scopes.Profile, Permissions.Scopes.Email, Permissions.Prefixes.Scope + GroupsScope,
        ]);

        await using var scope = _application.Services.CreateAsyncScope();
        var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        if (await applications.FindByClientIdAsync(client.Id) is { } known)
        {
            await applications.UpdateAsync(known, descriptor);
        }
        else
        {
            await applications.CreateAsync(descriptor);
        }
    }

    /// <summary>Takes away everything that clients were granted in an account's name: its refresh tokens get <c>invalid_grant</c>.</summary>
    public async Task RevokeAsync(string account)
    {
        await using var scope = _application.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().RevokeBySubjectAsync(account);
        await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().RevokeBySubjectAsync(account);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static void Configure(OpenIddictServerBuilder server) => server
        .SetAuthorizationEndpointUris(AuthorizationPath)
        .SetTokenEndpointUris("connect/token")
        .SetEndSessionEndpointUris(EndSessionPath)
        .SetRevocationEndpointUris("connect/revoke")
        .AllowAuthorizationCodeFlow()
        .AllowRefreshTokenFlow()
        .RequireProofKeyForCodeExchange()
        // Without it a used refresh token is good for another half minute.
        .SetRefreshTokenReuseLeeway(TimeSpan.Zero)
        .RegisterScopes(Scopes.Profile, Scopes.Email, GroupsScope, Scopes.OfflineAccess)
        .RegisterClaims(Claims.Name, Claims.PreferredUsername, Claims.Email, Claims.EmailVerified, GroupsScope)
        .AddEphemeralEncryptionKey()
        .AddEphemeralSigningKey(Algorithms.RsaSha256)
        .DisableAccessTokenEncryption()
        .UseAspNetCore()
        .EnableAuthorizationEndpointPassthrough()
        .EnableEndSessionEndpointPassthrough();
}
