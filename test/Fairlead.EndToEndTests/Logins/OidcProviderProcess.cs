using System.Text.Json;
using Fairlead.EndToEndTests.Services;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>The identity provider <c>oidc-provider</c> from npm, over TLS with a certificate of <see cref="TestCertificates.Shared"/>.</summary>
internal sealed class OidcProviderProcess : IAsyncDisposable
{
    /// <summary>The client's id.</summary>
    public const string ClientId = "fairlead";

    /// <summary>The client's secret.</summary>
    public const string ClientSecret = "a secret: of + 100% signs";

    private readonly TempFolder _folder;
    private readonly RunningProcess _process;

    private OidcProviderProcess(TempFolder folder, RunningProcess process, int port)
    {
        _folder = folder;
        _process = process;
        Issuer = $"https://localhost:{port}";
    }

    /// <summary>The issuer.</summary>
    public string Issuer { get; }

    /// <summary>The file with the authority of its certificate.</summary>
    public string AuthorityFile => _folder.PathOf("ca.crt");

    /// <summary>How often tokens were refreshed.</summary>
    public int Refreshes => Count("refreshed");

    /// <summary>How often a grant was ended because a refresh token was used twice.</summary>
    public int Revocations => Count("revoked");

    /// <summary>How often it told a client that somebody has left.</summary>
    public int Told => Count("told");

    /// <summary>Everything that it has said.</summary>
    public string Transcript => _process.Transcript();

    /// <summary>Starts it for a gateway.</summary>
    /// <param name="gateway">The gateway's origin.</param>
    /// <param name="accessTokenSeconds">How long access tokens are good for.</param>
    /// <param name="idTokenSeconds">How long ID tokens are good for.</param>
    public static async Task<OidcProviderProcess> StartAsync(Uri gateway, int accessTokenSeconds = 3600, int idTokenSeconds = 3600)
    {
        _ = ExternalTools.NodeModules.Require();
        var folder = new TempFolder();
        var (certificate, key) = TestCertificates.Shared.Server("localhost").WriteTo(folder, "provider");
        var authority = folder.Write("ca.crt", TestCertificates.Shared.AuthorityPem);
        var settings = JsonSerializer.Serialize(new
        {
            host = "localhost",
            cert = certificate,
            key,
            accessTokenSeconds,
            idTokenSeconds,
            clients = new[]
            {
                new
                {
                    client_id = ClientId,
                    client_secret = ClientSecret,
                    grant_types = new[] { "authorization_code", "refresh_token" },
                    redirect_uris = new[] { new Uri(gateway, "/auth/callback").AbsoluteUri },
                    post_logout_redirect_uris = new[] { gateway.AbsoluteUri },
                    backchannel_logout_uri = new Uri(gateway, "/auth/backchannel-logout").AbsoluteUri,
                    backchannel_logout_session_required = true,
                },
            },
        });
        var (process, port) = await Programs.StartAsync(
            port => RunningProcess.Start(
                ExternalTools.Node.Require(), ["--no-warnings", Script.PathOf("oidc-provider.mjs"), $"{port}", settings],
                new Dictionary<string, string?>(StringComparer.Ordinal) { ["NODE_EXTRA_CA_CERTS"] = authority }),
            """^\{"issuer":""");
        return new OidcProviderProcess(folder, process, port);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private int Count(string line) => _process.Output.Count(said => string.Equals(said, line, StringComparison.Ordinal));
}
