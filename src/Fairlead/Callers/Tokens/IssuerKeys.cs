using System.Text;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Fairlead.Callers.Tokens;

/// <summary>What an issuer publishes about itself.</summary>
/// <param name="Configuration">Its discovery document; empty where only keys are asked for.</param>
/// <param name="Keys">Its signing keys.</param>
internal sealed record IssuerDocument(OpenIdConnectConfiguration Configuration, IReadOnlyList<JsonWebKey> Keys);

/// <summary>
/// The keys of an issuer, and its discovery document (OpenID Connect Discovery 4). What was good stays in use while the issuer is away; a request
/// waits for it only where nothing is known yet, or where a token names a key that nobody has seen.
/// </summary>
internal sealed partial class IssuerKeys
{
    private const int LeastRsaBits = 2048;
    private static readonly TimeSpan _renewAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan _unknownKeyPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _failurePause = TimeSpan.FromSeconds(5);

    private readonly string _issuer;
    private readonly Uri? _keysUrl;
    private readonly IssuerHttp _http;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private IssuerDocument? _current;
    private Task<IssuerDocument?>? _fetching;
    private long? _attemptedAt;
    private long? _unknownKeyAt;

    /// <summary>Asks for nothing yet.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="keysUrl">Where its keys are; null to find them by discovery.</param>
    /// <param name="http">The connections to it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public IssuerKeys(string issuer, Uri? keysUrl, IssuerHttp http, TimeProvider time, ILogger logger) =>
        (_issuer, _keysUrl, _http, _time, _logger) = (issuer, keysUrl, http, time, logger);

    /// <summary>What is known; null when the issuer cannot be asked and never could.</summary>
    public async ValueTask<IssuerDocument?> GetAsync(CancellationToken cancellationToken)
    {
        Task<IssuerDocument?> fetching;
        lock (_lock)
        {
            if (_current is { } current)
            {
                if (IsPast(_attemptedAt, _renewAfter))
                {
                    Fetch();
                }

                return current;
            }

            if (_fetching is null && !IsPast(_attemptedAt, _failurePause))
            {
                return null;
            }

            fetching = Fetch();
        }

        return await fetching.WaitAsync(cancellationToken);
    }

    /// <summary>What is known after a token has named a key that is not among it: the issuer is asked again, once a minute at most.</summary>
    public async ValueTask<IssuerDocument?> GetForUnknownKeyAsync(CancellationToken cancellationToken)
    {
        Task<IssuerDocument?> fetching;
        lock (_lock)
        {
            if (_fetching is null && !IsPast(_unknownKeyAt, _unknownKeyPause))
            {
                return _current;
            }

            if (_fetching is null)
            {
                _unknownKeyAt = _time.GetTimestamp();
            }

            fetching = Fetch();
        }

        return await fetching.WaitAsync(cancellationToken);
    }

    private bool IsPast(long? at, TimeSpan pause) => at is not { } then || _time.GetElapsedTime(then) >= pause;

    /// <summary>Who asks meanwhile waits for the same answer; nobody who leaves cancels it.</summary>
    private Task<IssuerDocument?> Fetch()
    {
        if (_fetching is { } running)
        {
            return running;
        }

        _attemptedAt = _time.GetTimestamp();
        var fetching = Task.Run(FetchAsync);
        _fetching = fetching;
        return fetching;
    }

    private async Task<IssuerDocument?> FetchAsync()
    {
        IssuerDocument? fetched = null;
        try
        {
            fetched = await ReadAsync();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The libraries that read the documents throw what they like for what an issuer writes.
            LogUnavailable(_issuer, exception.Message);
        }

        lock (_lock)
        {
            _current = fetched ?? _current;
            _fetching = null;
            return _current;
        }
    }

    private async Task<IssuerDocument?> ReadAsync()
    {
        var configuration = new OpenIdConnectConfiguration { JwksUri = _keysUrl?.AbsoluteUri };
        if (_keysUrl is null)
        {
            if (await TextAsync(new Uri(_issuer.TrimEnd('/') + "/.well-known/openid-configuration")) is not { } text)
            {
                return null;
            }

            configuration = OpenIdConnectConfiguration.Create(text);
            if (!string.Equals(configuration.Issuer, _issuer, StringComparison.Ordinal))
            {
                LogUnavailable(_issuer, "its discovery document names another issuer");
                return null;
            }
        }

        if (!Uri.TryCreate(configuration.JwksUri, UriKind.Absolute, out var keysUrl) || !(keysUrl == _keysUrl || IsAsSafe(keysUrl)))
        {
            LogUnavailable(_issuer, "jwks_uri is no https address");
            return null;
        }

        return await TextAsync(keysUrl) is { } set ? new IssuerDocument(configuration, [.. JsonWebKeySet.Create(set).Keys.Where(IsUsable)]) : null;
    }

    /// <summary>An address that an issuer names is no less safe than its own.</summary>
    private bool IsAsSafe(Uri url) => url.Scheme is "https" || (url.Scheme is "http" && _issuer.StartsWith("http:", StringComparison.Ordinal));

    private static bool IsUsable(JsonWebKey key) =>
        key.Use is null or "" or "sig"
        && (key.KeyOps.Count == 0 || key.KeyOps.Contains("verify"))
        && ((key.Kty is "RSA" && key.KeySize >= LeastRsaBits) || key.Kty is "EC");

    private async Task<string?> TextAsync(Uri url)
    {
        var reply = await _http.GetAsync(url, null, CancellationToken.None);
        if (reply.Problem is null && (int)reply.Status == 200)
        {
            return Encoding.UTF8.GetString(reply.Body);
        }

        LogUnavailable(_issuer, reply.Problem ?? $"{url.AbsolutePath} answered {(int)reply.Status}");
        return null;
    }

    [LoggerMessage(EventId = 710, Level = LogLevel.Warning, Message = "The keys of the issuer {Issuer} cannot be had: {Problem}")]
    private partial void LogUnavailable(string issuer, string problem);
}
