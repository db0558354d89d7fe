using System.Buffers.Text;
using System.Net;
using System.Text;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Resources;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Services;

namespace Fairlead.Credentials;

/// <summary>
/// Who a Service sees (contract <c>headlamp.md</c> F23 to F25; decision 20). Never a portal token, never a credential that the gateway holds
/// for the API server; and where what is configured cannot be had, nothing is sent at all.
/// </summary>
internal sealed class ServiceCredentials(IdentityTokens identities, TimeProvider time)
{
    private const int Capacity = 1024;
    private const long TokenSeconds = 3600;
    private static readonly TimeSpan _secretFor = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _failureFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _userFor = TimeSpan.FromSeconds(60);

    private readonly ExpiringCache<(Cluster Cluster, string Namespace, string Name), Obtained> _secrets = new(Capacity, time);
    private readonly ExpiringCache<(Cluster Cluster, string Audience), Obtained> _accountTokens = new(Capacity, time);
    private readonly ExpiringCache<(Cluster Cluster, TokenHash Token), Known> _users = new(Capacity, time);

    /// <summary>What travels to the Service.</summary>
    /// <param name="destination">The Service and the way to it.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="plan">Whose credential the request travels on.</param>
    /// <param name="catalog">All clusters: an audience names one of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<ServiceCredential> GetAsync(
        ServiceDestination destination, Caller caller, CredentialPlan plan, ClusterCatalog catalog, CancellationToken cancellationToken)
    {
        // An ExternalName is a stranger: it gets something only where the configuration names it (contract F36, decision 19).
        if (destination.View.IsExternal && destination.Options?.Authorization is null)
        {
            return ServiceCredential.None;
        }

        var own = (plan as CredentialPlan.Own)?.Authorization;
        switch (destination.Authorization)
        {
            case ServiceAuthorization.Forward:
                return Forward(destination, own);

            case ServiceAuthorization.None:
                return ServiceCredential.None;

            case ServiceAuthorization.Identity:
                var known = caller is Caller.Portal portal
                    ? new Known(portal.Subject, portal.Groups, null)
                    : await _users.GetAsync(
                        (destination.Cluster, TokenHash.Of(own!.Reveal())), () => AskWhoAsync(destination.Cluster, own), static known => known.Refusal is null ? _userFor : _failureFor, cancellationToken);
                return known.Refusal is { } unknown ? new ServiceCredential(null, null, unknown) : await IdentifyAsync(destination, known, caller is Caller.Portal ? "portal" : "cluster", catalog);

            case ServiceAuthorization.Secret:
                var secret = await _secrets.GetAsync(
                    (destination.Cluster, destination.Target.Namespace, destination.Options!.CredentialSecret!),
                    () => ReadSecretAsync(destination), static obtained => obtained.Refusal is null ? _secretFor : _failureFor, cancellationToken);
                return Direct(destination, secret);

            default:
                var token = await _accountTokens.GetAsync(
                    (destination.Cluster, destination.Options!.TokenAudience!), () => RequestTokenAsync(destination), static obtained => obtained.Refusal is null ? obtained.GoodFor : _failureFor, cancellationToken);
                return Direct(destination, token);
        }
    }

    private static ServiceCredential Forward(ServiceDestination destination, Secret? own)
    {
        return own is null ? ServiceCredential.None
            : destination.IsDirect ? new ServiceCredential(new UpstreamCredential.PassThrough(own), null, null)
            : destination.Options is { TokenHeader: true } ? new ServiceCredential(null, new ServiceHeader("X-Forwarded-Access-Token", new Secret(own.Reveal()["Bearer ".Length..])), null)
            : ServiceCredential.None;
    }

    private async ValueTask<ServiceCredential> IdentifyAsync(ServiceDestination destination, Known caller, string kind, ClusterCatalog catalog)
    {
        var audience = $"{catalog.AddressableName(destination.Cluster)}/{destination.Target.Namespace}/{destination.Target.Name}";
        var token = await identities.GetAsync(caller.Subject, caller.Groups, kind, audience);
        return destination.IsDirect
            ? new ServiceCredential(new UpstreamCredential.Identity(new Secret("Bearer " + token.Reveal())), null, null)
            : new ServiceCredential(null, new ServiceHeader("X-Fairlead-Identity", token), null);
    }

    private static ServiceCredential Direct(ServiceDestination destination, Obtained obtained) =>
        obtained.Refusal is { } refusal ? new ServiceCredential(null, null, refusal)
        : destination.IsDirect ? new ServiceCredential(new UpstreamCredential.Stored(obtained.Authorization!), null, null)
        : new ServiceCredential(null, null, Unusable(destination, "needs a credential that does not pass through an API server; it is served only where the gateway is in the cluster's network (network: direct)"));

    private static async Task<Known> AskWhoAsync(Cluster cluster, Secret own)
    {
        var answer = await cluster.Api.PostAsync(
            "/apis/authentication.k8s.io/v1/selfsubjectreviews", new SelfSubjectReview(null), new UpstreamCredential.PassThrough(own), ApiJson.Default.SelfSubjectReview);
        return answer.Value?.Status?.UserInfo is { Username: { Length: > 0 } name } user
            ? new Known(name, user.Groups ?? [], null)
            : new Known("", [], answer.Status is HttpStatusCode.Unauthorized
                ? new Refusal(RefusalReason.IllegalToken, $"The cluster '{cluster.Definition.Name}' does not accept the token")
                : new Refusal(RefusalReason.ReviewUnavailable, $"The cluster '{cluster.Definition.Name}' does not say who the token's owner is (create selfsubjectreviews, Kubernetes 1.28)"));
    }

    private static async Task<Obtained> ReadSecretAsync(ServiceDestination destination)
    {
        var path = $"/api/v1/namespaces/{destination.Target.Namespace}/secrets/{destination.Options!.CredentialSecret}";
        var answer = await destination.Cluster.Api.GetAsync(path, null, ApiJson.Default.SecretObject);
        var values = answer.Value?.Data;
        var authorization = Value(values, "token") is { } token ? "Bearer " + token
            : Value(values, "username") is { } user && Value(values, "password") is { } password
                ? "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))
                : null;
        return authorization is null || authorization.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? new Obtained(null, TimeSpan.Zero, Unusable(destination, "has a credentialSecretRef that cannot be used: the gateway's account has to be able to get the Secret, and it has to hold token, or username and password"))
            : new Obtained(new Secret(authorization), _secretFor, null);
    }

    private static string? Value(IReadOnlyDictionary<string, string>? values, string key) =>
        values?.GetValueOrDefault(key) is { Length: > 0 } text && Base64.IsValid(text) ? Encoding.UTF8.GetString(Convert.FromBase64String(text)).TrimEnd('\r', '\n') : null;

    private async Task<Obtained> RequestTokenAsync(ServiceDestination destination)
    {
        const string Prefix = "system:serviceaccount:";
        var api = destination.Cluster.Api;
        var self = await api.PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", new SelfSubjectReview(null), null, ApiJson.Default.SelfSubjectReview);
        var name = self.Value?.Status?.UserInfo?.Username;
        if (name is null || !name.StartsWith(Prefix, StringComparison.Ordinal) || name[Prefix.Length..].Split(':') is not [var @namespace, var account])
        {
            return new Obtained(null, TimeSpan.Zero, Unusable(destination, "wants a token of the gateway's service account, and the gateway's account in this cluster is none"));
        }

        var asked = new TokenRequest(new TokenRequestSpec([destination.Options!.TokenAudience!], TokenSeconds), null);
        var answer = await api.PostAsync($"/api/v1/namespaces/{@namespace}/serviceaccounts/{account}/token", asked, null, ApiJson.Default.TokenRequest);
        return answer.Value?.Status is { Token: { Length: > 0 } token } status
            // Renewed well before its end, so that no request carries a token that ends on the way.
            ? new Obtained(new Secret("Bearer " + token), (status.ExpirationTimestamp - time.GetUtcNow()) * 0.7, null)
            : new Obtained(null, TimeSpan.Zero, Unusable(destination, "wants a token of the gateway's service account, which may not create serviceaccounts/token for itself"));
    }

    private static Refusal Unusable(ServiceDestination destination, string what) =>
        new(RefusalReason.ServiceUnusable, $"{ServiceStage.Subject(destination)} {what}");

    private sealed record Known(string Subject, IReadOnlyList<string> Groups, Refusal? Refusal);

    private sealed record Obtained(Secret? Authorization, TimeSpan GoodFor, Refusal? Refusal);
}

/// <summary>What travels to a Service.</summary>
/// <param name="Authorization">Its <c>Authorization</c>; null for none.</param>
/// <param name="Header">A header of its own, for the way over an API server; null for none.</param>
/// <param name="Refusal">Why the request cannot go on.</param>
internal readonly record struct ServiceCredential(UpstreamCredential? Authorization, ServiceHeader? Header, Refusal? Refusal)
{
    /// <summary>Nothing.</summary>
    public static ServiceCredential None => default;
}

/// <summary>A header that carries a credential.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
internal sealed record ServiceHeader(string Name, Secret Value);
