using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.EndToEndTests.Services;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>
/// oidc-provider, a certified implementation in JavaScript, unmodified (<c>test/clients/oidc-provider.mjs</c>). Its ID tokens carry the claims of the
/// scopes <c>profile</c>, <c>email</c> and <c>groups</c>; a refresh token that is used twice takes the whole grant away.
/// </summary>
internal sealed partial class OidcProviderProcess : IIdentityProvider
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly TempFolder _folder = new();
    private readonly TestCertificates _certificates;
    private readonly OidcProviderOptions _options;
    private readonly HttpClient _operator = new();
    private readonly List<RunningProcess> _runs = [];
    private RunningProcess? _process;
    private Uri? _control;

    private OidcProviderProcess(OidcProviderOptions options)
    {
        _options = options;
        _certificates = options.Certificates;
        AuthorityFile = _folder.Write("ca.crt", AuthorityPem);
    }

    /// <inheritdoc/>
    public string Issuer { get; private set; } = "";

    /// <inheritdoc/>
    public string AuthorityPem => _certificates.AuthorityPem;

    /// <summary>A file with <see cref="AuthorityPem"/>.</summary>
    public string AuthorityFile { get; }

    /// <summary>Everything that has happened since it was first started, in order.</summary>
    public IReadOnlyList<ProviderEvent> Events =>
    [
        .. _runs.SelectMany(static run => run.Output)
            .Where(static line => line.StartsWith("""{"event":""", StringComparison.Ordinal))
            .Select(static line => JsonSerializer.Deserialize<ProviderEvent>(line, _json)!),
    ];

    /// <summary>Everything that it has printed, for the message of a failure.</summary>
    public string Transcript => string.Join('\n', _runs.Select(static run => run.Transcript()));

    /// <summary>Starts it on a port of the system's choice.</summary>
    public static async Task<OidcProviderProcess> StartAsync(OidcProviderOptions? options = null)
    {
        var provider = new OidcProviderProcess(options ?? new());
        try
        {
            await provider.StartAsync(port: 0, newKey: false);
            return provider;
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it: nobody answers at the issuer. What it knew is kept for <see cref="StartAgainAsync"/>.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        _process = null;
        if (!process.HasExited)
        {
            process.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
            await process.WaitForExitAsync();
        }

        await process.DisposeAsync();
    }

    /// <summary>Starts it again at the same issuer, with its sessions, grants, clients and keys.</summary>
    /// <param name="newKey">Whether it signs with a new key; the others still verify.</param>
    public async Task StartAgainAsync(bool newKey = false)
    {
        await StopAsync();
        await StartAsync(new Uri(Issuer).Port, newKey);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _operator.Dispose();
        _folder.Dispose();
    }

    private async Task StartAsync(int port, bool newKey)
    {
        _ = ExternalTools.NodeModules.Require();
        var (cert, key) = _certificates.Server("127.0.0.1", "localhost").WriteTo(_folder, "provider");
        var settings = new { cert, key, _options.Host, port, ttl = _options.Lifetimes, stateFile = _folder.PathOf("state.json"), newKey };
        var trusted = _folder.Write("clients-ca.crt", _options.ClientAuthorityPem ?? AuthorityPem);
        _process = RunningProcess.Start(
            ExternalTools.Node.Require(),
            ["--no-warnings", Script.PathOf("oidc-provider.mjs"), JsonSerializer.Serialize(settings, _json)],
            new Dictionary<string, string?> { ["NODE_EXTRA_CA_CERTS"] = trusted });
        _runs.Add(_process);
        var listening = await _process.WaitForLineAsync("""^\{"issuer".*\}$""");
        var addresses = JsonSerializer.Deserialize<JsonElement>(listening.Value);
        Issuer = addresses.GetProperty("issuer").GetString()!;
        _control = new Uri(addresses.GetProperty("control").GetString()!);
    }
}

/// <summary>How oidc-provider runs.</summary>
internal sealed record OidcProviderOptions
{
    /// <summary>The issuer's host: <c>127.0.0.1</c> or <c>localhost</c>. Cookies know no ports: a gateway at the other name has a jar of its own.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Who issues its certificate.</summary>
    public TestCertificates Certificates { get; init; } = TestCertificates.Shared;

    /// <summary>The authority of those whom it tells of logouts; null: the one of its own certificate.</summary>
    public string? ClientAuthorityPem { get; init; }

    /// <summary>
    /// Lifetimes in seconds by kind, as oidc-provider calls them: <c>IdToken</c>, <c>AccessToken</c>, <c>RefreshToken</c>, <c>Session</c>,
    /// <c>Grant</c>, <c>AuthorizationCode</c>, <c>Interaction</c>. Without, five minutes for ID and access tokens, an hour for the rest.
    /// </summary>
    public IReadOnlyDictionary<string, int> Lifetimes { get; init; } = new Dictionary<string, int>();
}
