using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.EndToEndTests.Logins;
using Fairlead.EndToEndTests.Services;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.OwnMachines;

/// <summary>
/// Somebody's own machine with a home folder, the built <c>fairlead</c> and kubectl; a gateway with one cluster, over TLS, and the identity provider oidc-provider.
/// </summary>
internal sealed class Workstation : IAsyncDisposable
{
    /// <summary>The id of the command line at the provider.</summary>
    public const string ClientId = "fairlead-cli";

    private readonly TempFolder _home = new();
    private readonly LoginHouse _house;

    private Workstation(OidcProviderProcess provider, LoginHouse house)
    {
        (Provider, _house) = (provider, house);
        Environment = new(StringComparer.Ordinal)
        {
            ["HOME"] = _home.Path,
            ["XDG_CACHE_HOME"] = _home.PathOf("cache"),
            ["KUBECONFIG"] = Kubeconfig,
            ["KUBECACHEDIR"] = _home.PathOf("kube-cache"),
            ["BROWSER"] = null,
            ["DISPLAY"] = null,
            ["WAYLAND_DISPLAY"] = null,
            ["FAIRLEAD_SERVER"] = null,
            ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
            ["HELM_CACHE_HOME"] = _home.PathOf("helm-cache"),
            ["HELM_CONFIG_HOME"] = _home.PathOf("helm-config"),
            ["HELM_DATA_HOME"] = _home.PathOf("helm-data"),
        };
    }

    /// <summary>The provider.</summary>
    public OidcProviderProcess Provider { get; }

    /// <summary>The gateway's address.</summary>
    public string Server => _house.Origin.GetLeftPart(UriPartial.Authority);

    /// <summary>The kubeconfig.</summary>
    public string Kubeconfig => _home.PathOf(".kube/config");

    /// <summary>The environment of every program here.</summary>
    public Dictionary<string, string?> Environment { get; }

    /// <summary>The home folder.</summary>
    public TempFolder Home => _home;

    /// <summary>The options of every command that names the gateway.</summary>
    public string[] Gateway => ["--server", Server, "--certificate-authority", Provider.AuthorityFile];

    /// <summary>The files that logins are kept in.</summary>
    public IReadOnlyList<string> Logins => Directory.Exists(_home.PathOf("cache/fairlead")) ? Directory.GetFiles(_home.PathOf("cache/fairlead"), "*.json") : [];

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Fairlead.Cli");

    /// <summary>Starts provider and gateway.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="authorityPem">The authority of its certificate.</param>
    /// <param name="credential">How the gateway reaches it.</param>
    /// <param name="provider">The provider, where it had to be there before; null to start one.</param>
    public static async Task<Workstation> StartAsync(Uri server, string authorityPem, CredentialDefinition credential, OidcProviderProcess? provider = null)
    {
        var origin = LoginHouse.NewOrigin();
        provider ??= await StartProviderAsync();
        await provider.AddClientAsync(OidcProviderProcess.OfGateway(origin));
        var house = await LoginHouse.StartAsync(
            origin, provider.Issuer, OidcProviderProcess.ClientId, OidcProviderProcess.ClientSecret,
            static options => options with { Auth = options.Auth! with { Oidc = [.. options.Auth.Oidc.Select(static one => one with { Cli = new CliOptions { ClientId = ClientId, Scopes = one.Scopes } })] } },
            new ClusterDefinition
            {
                Locator = "config", Name = "main", Credential = credential,
                Connection = new ClusterConnection { Server = server, CertificateAuthority = new PemSource.Inline(new Secret(authorityPem)) },
            });
        return new Workstation(provider, house);
    }

    /// <summary>Starts a provider that knows the command line.</summary>
    public static async Task<OidcProviderProcess> StartProviderAsync()
    {
        var provider = await OidcProviderProcess.StartAsync(new OidcProviderOptions { Host = "localhost" });
        await provider.AddClientAsync(new ProviderClient(ClientId, "http://127.0.0.1/callback") { Secret = null, IsNative = true });
        return provider;
    }

    /// <summary>Runs <c>fairlead</c>.</summary>
    public Task<ProcessResult> RunAsync(params string[] arguments) => ProcessRunner.RunAsync(Program, arguments, Environment);

    /// <summary>Starts <c>fairlead</c> and does not wait for it.</summary>
    public RunningProcess Start(params string[] arguments) => RunningProcess.Start(Program, arguments, Environment);

    /// <summary>Runs kubectl.</summary>
    public Task<ProcessResult> KubectlAsync(string arguments) => ProcessRunner.RunAsync(ExternalTools.Kubectl.Require(), arguments.Split(' '), Environment);

    /// <summary>Has <c>BROWSER</c> be a Chromium in which an account signs in. What it sees at the end comes into the file <c>seen.json</c>.</summary>
    public void UseChromium(string account)
    {
        Assert.SkipUnless(ExternalTools.Chromium.IsAvailable, ExternalTools.Chromium.WhyMissing);
        _ = ExternalTools.NodeModules.Require();
        var script = _home.Write(
            "browser.sh",
            $$"""
            #!/bin/sh
            exec '{{ExternalTools.Node.Require()}}' --no-warnings '{{Script.PathOf("login.mjs")}}' '{{ExternalTools.Chromium.Require()}}' \
              "{\"start\":\"$1\",\"account\":\"{{account}}\",\"until\":\"^http://127.0.0.1:[0-9]+/callback\"}" >'{{_home.PathOf("seen.json")}}' 2>'{{_home.PathOf("seen.errors")}}'

            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Environment["BROWSER"] = script;
    }

    /// <summary>Signs somebody in with the address that <c>fairlead login --no-browser</c> prints, and puts the cluster into the kubeconfig.</summary>
    public async Task SignInAsync(string account)
    {
        await using var login = Start(["login", "--no-browser", .. Gateway]);
        var page = await login.WaitForLineAsync("https://.*/auth.*redirect_uri.*");
        using var browser = new FormBrowser();
        using var end = await browser.WalkAsync(new Uri(page.Value.Trim()), new Dictionary<string, string>(StringComparer.Ordinal) { ["login"] = account });
        (await end.Content.ReadAsStringAsync()).Should().Contain("You can close this page");
        (await login.WaitForExitAsync()).Should().Be(0, login.Transcript());
        (await RunAsync("kubeconfig", "--merge")).Succeeded();
    }

    /// <summary>Makes the login's token one that has expired.</summary>
    public void Expire()
    {
        var file = Logins.Single();
        var login = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        login["expiresAt"] = DateTimeOffset.UtcNow.AddMinutes(-1);
        login["refreshAt"] = DateTimeOffset.UtcNow.AddMinutes(-2);
        File.WriteAllText(file, login.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        await Provider.DisposeAsync();
        _home.Dispose();
    }
}
