using System.Net;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>Somebody who has signed in with a real provider and opens Backstage's terminal, which can send cookies and nothing else.</summary>
internal sealed class TerminalLogin : IAsyncDisposable
{
    private readonly FormBrowser _browser = new();
    private readonly OidcProviderProcess _provider;
    private readonly LoginHouse _house;
    private readonly (string Namespace, string Name) _pod;

    private TerminalLogin(OidcProviderProcess provider, LoginHouse house, (string Namespace, string Name) pod) => (_provider, _house, _pod) = (provider, house, pod);

    /// <summary>The path of the terminal's WebSocket.</summary>
    public string ExecPath => $"/api/kubernetes/proxy{ApiPath}";

    private string ApiPath => $"/api/v1/namespaces/{_pod.Namespace}/pods/{_pod.Name}/exec";

    /// <summary>Signs alice in at a gateway that has a cluster under several names.</summary>
    public static async Task<TerminalLogin> StartAsync(Target target, params string[] names)
    {
        var origin = LoginHouse.NewOrigin();
        var provider = await OidcProviderProcess.StartAsync(origin);
        var house = await LoginHouse.StartAsync(
            origin, provider.Issuer, OidcProviderProcess.ClientId, OidcProviderProcess.ClientSecret, null,
            [.. names.Select(name => new ClusterDefinition
            {
                Locator = "config",
                Name = name,
                Connection = new ClusterConnection { Server = target.Cluster.Server, CertificateAuthority = new PemSource.Inline(new Secret(target.Cluster.AuthorityPem)) },
                Credential = new CredentialDefinition.ServiceAccountToken(new Secret(target.Cluster.AdminToken)),
            })]);
        var login = new TerminalLogin(provider, house, target.Cluster.RunningPod);
        var end = await login._browser.WalkAsync(new Uri(origin, "/auth/login?return=%2Fauth%2Fme"), new Dictionary<string, string>(StringComparer.Ordinal) { ["login"] = "alice" });
        end.StatusCode.Should().Be(HttpStatusCode.OK, provider.Transcript);
        return login;
    }

    /// <summary>Has the browser get a ticket for the terminal's WebSocket, as a page of the portal does.</summary>
    public async Task AskForTicketAsync(string cluster)
    {
        var (status, body) = await _browser.FetchAsync(HttpMethod.Post, new Uri(_house.Origin, "/auth/ticket"), JsonSerializer.Serialize(new { cluster, path = ApiPath }));
        status.Should().Be(HttpStatusCode.OK, body);
    }

    /// <summary>Opens the terminal with one of the browser's cookies.</summary>
    public Task<TerminalResult> OpenAsync(string cookie, string path, string? origin = null)
    {
        var value = _browser.CookiesFor(new Uri(_house.Origin, path)).Split("; ").Single(pair => pair.StartsWith(cookie + "=", StringComparison.Ordinal))[(cookie.Length + 1)..];
        return ExecTerminal.OpenAsync(new TerminalPage(new Uri(_house.Origin, "/api/kubernetes").AbsoluteUri, _pod.Namespace, _pod.Name, "main")
        {
            Origin = origin,
            Cookies = [new TerminalCookie(cookie, value, "localhost") { Path = path, Secure = true, SameSite = path.Length > 1 ? "Strict" : "Lax" }],
            Type = "echo hello from the pod",
            Until = "hello from the pod",
        });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _house.DisposeAsync();
        await _provider.DisposeAsync();
    }
}
