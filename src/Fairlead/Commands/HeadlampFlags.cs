namespace Fairlead.Commands;

/// <summary>What becomes of a flag.</summary>
internal enum FlagEffect
{
    /// <summary>It sets the configuration key of its row.</summary>
    Key,

    /// <summary>It takes part in what <see cref="ServeArguments"/> puts together from several.</summary>
    Combined,

    /// <summary>It says where traces go, which another flag switches on.</summary>
    Traces,

    /// <summary>It has no meaning here.</summary>
    None,

    /// <summary>The server does not start with it.</summary>
    Refused,
}

/// <summary>A flag of the shipped Headlamp server, accepted verbatim (contract <c>headlamp.md</c> section 7).</summary>
/// <param name="Name">Its name, without dashes.</param>
/// <param name="IsBoolean">Whether it can stand without a value.</param>
/// <param name="Effect">What becomes of it.</param>
/// <param name="Text">The configuration key, or why the server does not start.</param>
internal sealed record HeadlampFlag(string Name, bool IsBoolean, FlagEffect Effect, string Text = "")
{
    /// <summary>The environment variable that stands for it.</summary>
    public string Variable { get; } = "HEADLAMP_CONFIG_" + Name.Replace('-', '_').ToUpperInvariant();

    /// <summary>As it is written.</summary>
    public string Option { get; } = "--" + Name;
}

/// <summary>The flags, and the environment variables that stand for them.</summary>
internal static class HeadlampFlags
{
    private const string Everybody = "everybody would be the gateway's own account; say so with a rule: access: { rules: [{ subjects: { groups: [GROUP] }, clusters: [\"*\"], namespaces: [\"*\"], resources: [\"*\"], verbs: [\"*\"] }] }";
    private const string ProxyAuth = "identity headers of a proxy in front are not read by this version, not even from trusted proxies; use auth.oidc, or auth.jwt with the token that the proxy sends";

    /// <summary>All flags.</summary>
    public static IReadOnlyList<HeadlampFlag> All { get; } =
    [
        new("base-url", false, FlagEffect.Key, "baseUrl"),
        new("enable-helm", true, FlagEffect.Key, "serviceProxy.enabled"),
        new("log-level", false, FlagEffect.Key, "log.level"),
        new("tls-cert-path", false, FlagEffect.Key, "tls.certFile"),
        new("tls-key-path", false, FlagEffect.Key, "tls.keyFile"),
        .. Of(FlagEffect.Combined, isBoolean: false, "kubeconfig", "kubeconfig-dir", "skipped-kube-contexts", "in-cluster-context-name", "listen-addr", "port"),
        .. Of(FlagEffect.Combined, isBoolean: true, "in-cluster", "insecure-ssl", "version"),
        new("session-ttl", false, FlagEffect.Key, "sessions.ttlSeconds"),
        new("oidc-client-id", false, FlagEffect.Key, "auth.oidc.clientId"),
        new("oidc-client-secret", false, FlagEffect.Key, "auth.oidc.clientSecret"),
        new("oidc-idp-issuer-url", false, FlagEffect.Key, "auth.oidc.issuer"),
        new("oidc-scopes", false, FlagEffect.Key, "auth.oidc.scopes"),
        new("oidc-callback-url", false, FlagEffect.Key, "auth.oidc.callbackUrl"),
        new("oidc-validator-client-id", false, FlagEffect.Key, "auth.oidc.audience"),
        new("oidc-validator-idp-issuer-url", false, FlagEffect.Key, "auth.oidc.tokenIssuer"),
        new("oidc-ca-file", false, FlagEffect.Key, "auth.oidc.caFile"),
        new("oidc-skip-tls-verify", true, FlagEffect.Key, "auth.oidc.skipTLSVerify"),
        new("oidc-use-access-token", true, FlagEffect.Combined),
        new("me-username-path", false, FlagEffect.Key, "me.usernamePath"),
        new("me-email-path", false, FlagEffect.Key, "me.emailPath"),
        new("me-groups-path", false, FlagEffect.Key, "me.groupsPath"),
        new("me-user-info-url", false, FlagEffect.Key, "me.userInfoURL"),
        new("proxy-auth", true, FlagEffect.Refused, ProxyAuth),
        new("unsafe-use-service-account-token", true, FlagEffect.Refused, Everybody),
        new("service-account-token-path", false, FlagEffect.Refused, Everybody),
        new("dev", true, FlagEffect.Refused, "any origin could use callers' credentials; name the origins in cors.origins instead"),
        new("metrics-enabled", true, FlagEffect.Key, "telemetry.metrics"),
        new("tracing-enabled", true, FlagEffect.Combined),
        new("otlp-endpoint", false, FlagEffect.Traces),
        .. Of(FlagEffect.Traces, isBoolean: true, "use-otlp-http", "stdout-trace-enabled"),
        new("sampling-rate", false, FlagEffect.Key, "telemetry.sampling"),
        new("service-name", false, FlagEffect.Key, "telemetry.serviceName"),
        new("service-version", false, FlagEffect.Key, "telemetry.serviceVersion"),
        .. Of(
            FlagEffect.None, isBoolean: false, "cluster-inventory-namespace", "cluster-inventory-kubeconfig", "cluster-inventory-selector", "proxy-urls", "html-static-dir", "plugins-dir", "user-plugins-dir",
            "proxy-auth-username-header", "proxy-auth-group-header", "proxy-auth-email-header", "proxy-auth-token-header",
            "app-name", "default-light-theme", "default-dark-theme", "force-theme", "pod-debug-image", "node-shell-image", "node-shell-namespace"),
        .. Of(
            FlagEffect.None, isBoolean: true, "enable-dynamic-clusters", "allow-kubeconfig-changes", "enable-cluster-inventory", "watch-plugins-changes", "cache-enabled", "no-browser", "oidc-use-cookie", "oidc-use-pkce"),
    ];

    private static IEnumerable<HeadlampFlag> Of(FlagEffect effect, bool isBoolean, params string[] names) => names.Select(name => new HeadlampFlag(name, isBoolean, effect));
}

/// <summary>The flags that were given, on the command line or by their variables; the command line wins.</summary>
/// <param name="values">The values of the command line, by name; an empty value of a boolean is true.</param>
/// <param name="environment">The environment.</param>
internal sealed class GivenFlags(IReadOnlyDictionary<string, string> values, IReadOnlyDictionary<string, string> environment)
{
    /// <summary>The value and where it comes from; null when the flag was not given.</summary>
    public (string Value, string Origin)? Find(HeadlampFlag flag) =>
        values.TryGetValue(flag.Name, out var value) ? (flag.IsBoolean && value.Length == 0 ? "true" : value, flag.Option)
        : environment.GetValueOrDefault(flag.Variable) is { Length: > 0 } variable ? (variable, flag.Variable)
        : null;

    /// <summary>The value of a flag by its name; null when it was not given.</summary>
    public string? Text(string name) => Find(Named(name))?.Value;

    /// <summary>Where a given flag comes from.</summary>
    public string OriginOf(string name) => Find(Named(name))?.Origin ?? "--" + name;

    /// <summary>Whether a boolean flag is on.</summary>
    public bool IsOn(string name) => Text(name) is { } text && !IsFalse(text);

    /// <summary>The words that switch a boolean off, as Go's <c>strconv.ParseBool</c> reads them.</summary>
    public static bool IsFalse(string text) => text is "false" or "0" or "f" or "F" or "FALSE" or "False";

    private static HeadlampFlag Named(string name) => HeadlampFlags.All.Single(flag => string.Equals(flag.Name, name, StringComparison.Ordinal));
}
