namespace Fairlead.Configuration;

/// <summary>What a reload does not change. Whatever is read once, at the start, has to be named here: a change of it is said, never ignored in silence.</summary>
internal static class RestartKeys
{
    private static readonly (string Key, Func<GatewayOptions, object?> Value)[] _keys =
    [
        ("listen", static options => string.Join(' ', options.Listen)),
        ("tls", static options => options.Tls),
        ("baseUrl", static options => options.BaseUrl),
        ("management", static options => options.ManagementListen),
        ("cors", static options => string.Join(' ', options.CorsOrigins)),
        ("trustedProxies", static options => string.Join(' ', options.TrustedProxies)),
        ("sessions", static options => options.Sessions),
        ("stateDir", static options => options.StateDir),
        ("limits", static options => options.Limits),
        ("timeouts", static options => options.Timeouts),
        ("drain", static options => options.Drain),
        ("log", static options => options.Log),
        ("telemetry", static options => options.Telemetry),
        ("audit", static options => options.Audit),
    ];

    /// <summary>The keys whose values differ from those at the start.</summary>
    /// <param name="start">The configuration at the start.</param>
    /// <param name="now">The configuration as it is now.</param>
    public static IReadOnlyList<string> Changed(GatewayOptions start, GatewayOptions now)
    {
        if (start.Limits.Connections is { IsFitted: true, All: { } fit } && (now.Limits.Connections.All ?? int.MaxValue) >= fit)
        {
            // Fewer than configured, since the process has no more descriptors: the next start would make the same of it.
            now = now with { Limits = now.Limits with { Connections = now.Limits.Connections.FittedTo(fit) } };
        }

        return [.. _keys.Where(key => !Equals(key.Value(start), key.Value(now))).Select(static key => key.Key)];
    }
}
