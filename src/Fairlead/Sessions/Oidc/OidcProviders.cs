using Fairlead.Configuration;

namespace Fairlead.Sessions.Oidc;

/// <summary>The providers of <c>auth.oidc</c>. One whose options a reload leaves alone lives on, with what it knows.</summary>
internal sealed class OidcProviders
{
    private readonly IReadOnlyList<OidcClient> _clients;

    /// <summary>Opens what is configured.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="previous">What was in force; null at start.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">The log.</param>
    public OidcProviders(IReadOnlyList<OidcOptions> options, OidcProviders? previous, TimeProvider time, ILoggerFactory loggers) =>
        _clients = [.. options.Select(one => previous?._clients.FirstOrDefault(client => IsSame(client.Options, one)) ?? new OidcClient(one, time, loggers))];

    /// <summary>All of them.</summary>
    public IReadOnlyList<OidcClient> All => _clients;

    /// <summary>Whether there is one.</summary>
    public bool Any => _clients.Count > 0;

    /// <summary>The first one; null for none.</summary>
    public OidcClient? First => _clients.Count > 0 ? _clients[0] : null;

    /// <summary>The one of that name; null for none.</summary>
    public OidcClient? Find(string name)
    {
        foreach (var client in _clients)
        {
            if (string.Equals(client.Options.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return client;
            }
        }

        return null;
    }

    private static bool IsSame(OidcOptions one, OidcOptions other) =>
        one with { Scopes = other.Scopes, Algorithms = other.Algorithms } == other
        && one.Scopes.SequenceEqual(other.Scopes, StringComparer.Ordinal) && one.Algorithms.SequenceEqual(other.Algorithms, StringComparer.Ordinal);
}
