using Fairlead.Callers.Tokens;
using Fairlead.Configuration;
using Fairlead.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Commands;

/// <summary>What <c>fairlead check</c> finds out about where people and their tokens come from.</summary>
internal static class LoginNotes
{
    /// <summary>Asks every issuer for its keys, and the shared store whether it is there.</summary>
    /// <returns>What is wrong, one line for each.</returns>
    public static async Task<IReadOnlyList<string>> WrongAsync(GatewayOptions options, CancellationToken cancellationToken)
    {
        var auth = options.Auth ?? new AuthOptions();
        var issuers = auth.Jwt.Select(static issuer => (Key: "auth.jwt", Issuer: (IssuerOptions)issuer, issuer.KeysUrl)).Concat(auth.Oidc.Select(static issuer => (Key: "auth.oidc", Issuer: (IssuerOptions)issuer, KeysUrl: (Uri?)null)));
        var asked = issuers.Select(one => AskAsync(one.Key, one.Issuer.Issuer, one.KeysUrl, new IssuerHttp(one.Issuer.CaFile, one.Issuer.SkipTlsVerify), cancellationToken));
        if (auth.Backstage is { } portal)
        {
            asked = asked.Append(AskAsync("auth.backstage", portal.Url.OriginalString, new Uri(portal.Url.OriginalString + BackstageTokens.UserKeysPath), new IssuerHttp(portal.CaFile, skipVerify: false), cancellationToken));
        }

        var wrong = (await Task.WhenAll(asked)).OfType<string>().ToList();
        if (options.Sessions.Redis is { } redis)
        {
            await using var store = new RedisSessionStore(
                redis, new SessionCipher(options.Sessions.EncryptionSecret!), new SessionLifetimes(options.Sessions.Idle, options.Sessions.Absolute), TimeProvider.System, NullLogger<RedisSessionStore>.Instance);
            if ((await store.FindAsync(OpaqueKey.Create(), isUse: false, cancellationToken)).Status is StoreStatus.Unavailable)
            {
                wrong.Add($"sessions.redis: {redis} cannot be used; see whether it is reachable, and whether user and password are right");
            }
        }

        return wrong;
    }

    private static async Task<string?> AskAsync(string key, string issuer, Uri? keysUrl, IssuerHttp http, CancellationToken cancellationToken)
    {
        var problems = new Problems();
        var document = await new IssuerKeys(issuer, keysUrl, http, TimeProvider.System, problems).GetAsync(cancellationToken);
        return document is null ? $"{key}: {problems.Last ?? $"{issuer} gives no keys"}"
            : document.Keys.Count == 0 ? $"{key}: {issuer} publishes no key that can be used (RSA of 2048 bits, or elliptic curves)"
            : null;
    }

    /// <summary>Keeps the last line of a log.</summary>
    private sealed class Problems : ILogger
    {
        public string? Last { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Last = formatter(state, exception);
    }
}
