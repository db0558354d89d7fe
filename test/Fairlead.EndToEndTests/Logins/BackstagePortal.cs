using System.Net.Http.Headers;
using System.Text.Json;
using Fairlead.EndToEndTests.Services;
using Fairlead.Testing.Processes;
using Microsoft.IdentityModel.Tokens;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>A real Backstage backend on loopback: its guest signs in, and its plugin <see cref="PluginId"/> issues service tokens.</summary>
internal sealed class BackstagePortal : IAsyncDisposable
{
    /// <summary>The plugin that issues tokens, the <c>sub</c> of each of them.</summary>
    public const string PluginId = "caller";

    /// <summary>The plugin whose calls the gateway stands in for: the <c>aud</c> of tokens unless a test asks for another.</summary>
    public const string KubernetesPluginId = "kubernetes";

    /// <summary>Who signs in: the guest provider's own default.</summary>
    public const string User = "user:development/guest";

    private static readonly ExternalTool _modules = new(
        "The folder of the Backstage backend's packages", "FAIRLEAD_PORTAL_MODULES",
        [Environment.GetEnvironmentVariable("FAIRLEAD_PORTAL_MODULES") ?? "", Script.PathOf("portal/node_modules")]);

    private readonly RunningProcess _process;
    private readonly HttpClient _client = new();

    private BackstagePortal(RunningProcess process, int port)
    {
        _process = process;
        Url = new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Everything it has said: what it refuses is a warning there.</summary>
    public string Transcript => _process.Transcript();

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<BackstagePortal> StartAsync(BackstagePortalOptions? options = null)
    {
        _ = _modules.Require();
        var settings = JsonSerializer.Serialize(options ?? new(), BackstagePortalOptions.Json);
        var (process, port) = await Programs.StartAsync(
            port => RunningProcess.Start(ExternalTools.Node.Require(), ["--no-warnings", Script.PathOf("portal/backend.mjs"), $"{port}", settings]),
            """^\{"url":""");
        return new BackstagePortal(process, port);
    }

    /// <summary>A token of the guest's, as the browser of somebody signed in has it.</summary>
    public async Task<string> UserTokenAsync()
    {
        var answer = await GetAsync("api/auth/guest/refresh");
        return answer.GetProperty("backstageIdentity").GetProperty("token").GetString()!;
    }

    /// <summary>A token with which the plugin calls another one on its own behalf.</summary>
    /// <param name="target">The plugin to be called.</param>
    public Task<string> PluginTokenAsync(string target = KubernetesPluginId) => TokenAsync($"own/{target}", null);

    /// <summary>A token with which the plugin calls another one for the guest.</summary>
    /// <param name="target">The plugin to be called.</param>
    public async Task<string> OnBehalfTokenAsync(string target = KubernetesPluginId) =>
        await OnBehalfTokenWithAsync(await UserTokenAsync(), target);

    /// <summary>The same for the owner of a token; fails where Backstage refuses that.</summary>
    public Task<string> OnBehalfTokenWithAsync(string userToken, string target = KubernetesPluginId) => TokenAsync($"on-behalf/{target}", userToken);

    /// <summary>What is in the guest's cookie, and in <c>obo</c>: it proves who the user is, but is no leave to call anything.</summary>
    public async Task<string> LimitedUserTokenAsync() => await TokenAsync("limited", await UserTokenAsync());

    /// <summary>What Backstage says about the owner of a user's token; the token itself does not name groups.</summary>
    public Task<JsonElement> UserInfoAsync(string userToken) => GetAsync("api/auth/v1/userinfo", userToken);

    /// <summary>The keys that sign users' tokens.</summary>
    public Task<JsonWebKeySet> UserKeysAsync() => KeysAsync("api/auth/.well-known/jwks.json");

    /// <summary>The keys that sign a plugin's tokens.</summary>
    public Task<JsonWebKeySet> PluginKeysAsync(string plugin = PluginId) => KeysAsync($"api/{plugin}/.backstage/auth/v1/jwks.json");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<string> TokenAsync(string path, string? token) =>
        (await GetAsync($"api/{PluginId}/{path}", token)).GetProperty("token").GetString()!;

    private async Task<JsonWebKeySet> KeysAsync(string path) => new((await GetAsync(path)).GetRawText());

    private async Task<JsonElement> GetAsync(string path, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Url, path));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await _client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<JsonElement>(body)
            : throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {body}\n{Transcript}");
    }
}
