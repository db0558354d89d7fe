using System.Net;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;

namespace Fairlead.Callers;

/// <summary>By what somebody is known.</summary>
internal enum LoginKind
{
    /// <summary>By nothing but a cluster token, which the cluster judges.</summary>
    ClusterToken,

    /// <summary>A machine token of <c>auth.static</c>.</summary>
    Static,

    /// <summary>A JWT of <c>auth.jwt</c>.</summary>
    Jwt,

    /// <summary>A token of <c>auth.backstage</c> for one of its users.</summary>
    Backstage,

    /// <summary>A browser session of <c>auth.oidc</c>.</summary>
    Session,

    /// <summary>A token of <c>auth.backstage</c> for one of its plugins, on nobody's behalf.</summary>
    BackstageService,
}

/// <summary>Who calls, and the cluster token that they bring of their own, if any.</summary>
/// <param name="Caller">The caller.</param>
/// <param name="OwnAuthorization">
/// The upstream <c>Authorization</c> of the caller's own cluster token, scheme included; null when they bring none. A provider's
/// header is not looked at here: which one counts depends on the cluster.
/// </param>
internal sealed record Identified(Caller Caller, Secret? OwnAuthorization)
{
    /// <summary>
    /// Where a request came from, for counting it by address: a subscriber's address where nobody but perhaps a cluster has named the caller, since a token is quickly made up; null
    /// for somebody who is known.
    /// </summary>
    /// <param name="address">The peer; null where nobody knows.</param>
    public IPAddress? Stranger(IPAddress? address) => Caller.IsKnown ? null : Addresses.Subscriber(address);

    /// <summary>By what the caller is known.</summary>
    public LoginKind Login { get; init; }

    /// <summary>The hash of what they showed: the same for the same login.</summary>
    public TokenHash Proof { get; init; }

    /// <summary>What their identity provider issued, for clusters that trust it; null for none.</summary>
    public IssuedToken? Issued { get; init; }

    /// <summary>The bare token that Backstage has issued to its user, for questions to the portal; null where it is no such token, or where nobody asks.</summary>
    public Secret? PortalToken { get; init; }

    /// <summary>The browser session that they are known by; null for none.</summary>
    public OpaqueKey? Session { get; init; }

    /// <summary>When what they showed expires; null where nobody says.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The qualified name of the cluster that a ticket is for; null without a ticket.</summary>
    public string? TicketCluster { get; init; }
}

/// <summary>A token of an identity provider. To a cluster with <c>authProvider: oidc</c> that trusts the same provider it is the caller's own.</summary>
/// <param name="Provider">The provider's name in the configuration.</param>
/// <param name="Issuer">The provider's issuer.</param>
/// <param name="Token">The bare token, or the whole <c>Authorization</c> that it came in.</param>
internal sealed record IssuedToken(string Provider, string Issuer, Secret Token)
{
    private const string Scheme = "Bearer ";

    /// <summary>The upstream <c>Authorization</c>.</summary>
    public Secret Authorization => Token.Reveal().StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? Token : new Secret(Scheme + Token.Reveal());

    /// <summary>Whether <c>oidcTokenProvider</c> of a cluster means this provider: by its name, or by its issuer.</summary>
    public bool IsFrom(string? oidcTokenProvider) => IsFrom(Provider, Issuer, oidcTokenProvider);

    /// <summary>The same for any provider.</summary>
    public static bool IsFrom(string provider, string issuer, string? oidcTokenProvider) =>
        string.Equals(provider, oidcTokenProvider, StringComparison.OrdinalIgnoreCase) || string.Equals(issuer, oidcTokenProvider, StringComparison.Ordinal);
}

/// <summary>What came of asking who calls: somebody, or a refusal.</summary>
/// <param name="Identified">Who; null with the refusal.</param>
/// <param name="Refusal">The refusal; null with somebody.</param>
internal readonly record struct CallerResult(Identified? Identified, Refusal? Refusal)
{
    /// <summary>Somebody.</summary>
    public static implicit operator CallerResult(Identified identified) => new(identified, null);

    /// <summary>A refusal.</summary>
    public static implicit operator CallerResult(Refusal refusal) => new(null, refusal);
}
