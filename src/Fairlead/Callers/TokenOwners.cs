using System.Net;
using Fairlead.Access;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Kubernetes.Resources;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Callers;

/// <summary>
/// Asks a cluster whose a token is (<c>auth.tokenReview</c>), before anything else is sent there: by <c>TokenReview</c> on the gateway's account, and where
/// the gateway has none by <c>SelfSubjectReview</c> on the token itself. Only a yes with a name counts. Answers are remembered for seconds, bad
/// ones apart from good ones, so that a flood of bad tokens neither pushes out the good nor reaches the cluster.
/// </summary>
internal sealed partial class TokenOwners(ClusterApi api, string clusterName, bool hasAccount, TimeProvider time, ILogger<TokenOwners> logger)
{
    /// <summary>How long a good answer is good for: the longest time that a token lives on after it was taken back.</summary>
    public static readonly TimeSpan KnownFor = TimeSpan.FromSeconds(30);

    /// <summary>How long a bad one is.</summary>
    public static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);

    private const int Capacity = 16_384;

    // Each may hold a thousand groups.
    private const int KnownCapacity = 4096;

    private readonly ExpiringCache<TokenHash, Answer> _known = new(KnownCapacity, time);
    private readonly ExpiringCache<TokenHash, Answer> _asked = new(Capacity, time);
    private readonly FailureBudget _budget = new(time);

    /// <summary>Whether the owner of the token that a request travels on is asked for.</summary>
    /// <remarks>By configuration, and where a rule may deny them what they ask for: nobody is let through because they are unknown.</remarks>
    public static bool IsAsked(Door door, Identified identified, Cluster cluster, CredentialPlan plan, KubernetesAction action, GatewaySnapshot snapshot) =>
        plan is CredentialPlan.Own && !identified.Caller.IsKnown && ClusterStage.JudgesTokens(cluster)
        && ((snapshot.Options.Auth is { TokenReview: true } && door is not Door.Backstage) || snapshot.Policy.MayDeny(cluster.Definition, action));

    /// <summary>Says who somebody is of whom only a token is known.</summary>
    /// <param name="identified">The caller.</param>
    /// <param name="authorization">Their own token, as it would travel.</param>
    /// <param name="address">Where they call from.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<CallerResult> IdentifyAsync(Identified identified, Secret authorization, IPAddress? address, CancellationToken cancellationToken) =>
        // A review takes bearer tokens only.
        IdentifyAsync(identified, authorization, address, hasAccount && !BearerCredential.Of(authorization.Reveal()).IsEmpty, cancellationToken);

    /// <summary>The same, on the token itself: what its owner may always ask.</summary>
    /// <param name="identified">The caller, with their own token.</param>
    /// <param name="address">Where they call from.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<CallerResult> IdentifyBySelfAsync(Identified identified, IPAddress? address, CancellationToken cancellationToken) =>
        IdentifyAsync(identified, identified.OwnAuthorization!, address, byReview: false, cancellationToken);

    private async ValueTask<CallerResult> IdentifyAsync(Identified identified, Secret authorization, IPAddress? address, bool byReview, CancellationToken cancellationToken)
    {
        var hash = TokenHash.Of(authorization.Reveal());
        var answer = _known.TryGet(hash, out var known) ? known
            : await _asked.GetAsync(hash, () => AskAsync(hash, authorization, address, byReview), static answer => answer.Refusal is { Reason: RefusalReason.IllegalToken } ? RefusedFor : TimeSpan.Zero, cancellationToken);
        return answer.User is { } user ? identified with { Caller = new Caller.ClusterTokenHolder(user) } : answer.Refusal!;
    }

    private async Task<Answer> AskAsync(TokenHash hash, Secret authorization, IPAddress? address, bool byReview)
    {
        if (!_budget.TryTake(address))
        {
            return new Answer(null, new Refusal(RefusalReason.TooManyUnknownTokens, "Too many tokens that nobody knows; try again in a moment"));
        }

        var answer = byReview ? await ReviewAsync(authorization) : await AskSelfAsync(authorization);
        if (answer.User is not null)
        {
            _budget.GiveBack(address);
            await _known.GetAsync(hash, () => Task.FromResult(answer), static _ => KnownFor, CancellationToken.None);
        }

        return answer;
    }

    private async Task<Answer> ReviewAsync(Secret authorization)
    {
        var question = new TokenReview(new TokenReviewSpec(BearerCredential.Of(authorization.Reveal()).ToString()));
        var answer = await api.PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", question, null, ApiJson.Default.TokenReview);
        return answer.Value?.Status switch
        {
            { Authenticated: true, Error: null or "", User: { Username.Length: > 0 } user } => new Answer(new ClusterUser(user.Username, user.Groups ?? []), null),
            { } => Refused(),
            null => Unanswered(answer.Problem),
        };
    }

    private async Task<Answer> AskSelfAsync(Secret authorization)
    {
        var answer = await api.PostAsync(
            "/apis/authentication.k8s.io/v1/selfsubjectreviews", new SelfSubjectReview(null), new UpstreamCredential.PassThrough(authorization), ApiJson.Default.SelfSubjectReview);
        return answer switch
        {
            { Value.Status.UserInfo: { Username.Length: > 0 } user } => new Answer(new ClusterUser(user.Username, user.Groups ?? []), null),
            { Status: HttpStatusCode.Unauthorized } => Refused(),
            _ => Unanswered(answer.Problem),
        };
    }

    private Answer Refused() => new(null, new Refusal(RefusalReason.IllegalToken, $"The cluster '{clusterName}' does not accept the token"));

    private Answer Unanswered(string? problem)
    {
        LogUnanswered(clusterName, problem);
        return new Answer(null, new Refusal(RefusalReason.LoginUnavailable, $"The cluster '{clusterName}' does not say whose token this is; try again"));
    }

    [LoggerMessage(EventId = 702, Level = LogLevel.Warning, Message = "Cluster {Cluster} does not say whose a token is (auth.tokenReview): {Problem}")]
    private partial void LogUnanswered(string cluster, string? problem);

    private sealed record Answer(ClusterUser? User, Refusal? Refusal);
}
