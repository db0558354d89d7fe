using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>A gateway over TLS on loopback at which people sign in with a real provider.</summary>
internal sealed class LoginHouse : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    private LoginHouse(Uri origin) => Origin = origin;

    /// <summary>The gateway's origin.</summary>
    public Uri Origin { get; }

    /// <summary>The gateway.</summary>
    public TestGateway Gateway { get; private set; } = null!;

    /// <summary>An origin for a gateway that is not there yet: its provider has to know it before it.</summary>
    public static Uri NewOrigin() => new($"https://localhost:{FreePort.Next()}");

    /// <summary>Starts a gateway.</summary>
    /// <param name="origin">Its origin, of <see cref="NewOrigin"/>.</param>
    /// <param name="issuer">The provider.</param>
    /// <param name="clientId">The client's id there.</param>
    /// <param name="clientSecret">The client's secret there.</param>
    /// <param name="change">Changes the options.</param>
    /// <param name="clusters">The clusters.</param>
    public static Task<LoginHouse> StartAsync(
        Uri origin, string issuer, string clientId, string clientSecret, Func<GatewayOptions, GatewayOptions>? change, params ClusterDefinition[] clusters) =>
        StartAsync(origin, issuer, clientId, clientSecret, change, time: null, clusters);

    /// <summary>As the other one, by another clock.</summary>
    public static async Task<LoginHouse> StartAsync(
        Uri origin, string issuer, string clientId, string clientSecret, Func<GatewayOptions, GatewayOptions>? change, TimeProvider? time, params ClusterDefinition[] clusters)
    {
        var house = new LoginHouse(origin);
        var (certificate, key) = TestCertificates.Shared.Server("localhost").WriteTo(house._folder, "gateway");
        var options = TestGateway.Options(clusters);
        options = options with
        {
            Listen = [new Uri($"https://127.0.0.1:{origin.Port}")],
            Tls = new TlsFiles(certificate, key),
            PublicUrl = origin,
            Auth = options.Auth! with
            {
                Oidc =
                [
                    new OidcOptions
                    {
                        Name = "oidc", Issuer = issuer, ClientId = clientId, ClientSecret = new Secret(clientSecret), CallbackUrl = new Uri(origin, "/auth/callback"),
                        Scopes = ["openid", "profile", "email", "groups", "offline_access"], Claims = new ClaimOptions { Username = "preferred_username" },
                        CaFile = house._folder.Write("ca.crt", TestCertificates.Shared.AuthorityPem),
                    },
                ],
            },
            AccessRules = [TestGateway.AllowAll with { Groups = ["devs"] }],
        };
        house.Gateway = await TestGateway.StartAsync(change?.Invoke(options) ?? options, time: time);
        return house;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _folder.Dispose();
    }
}
