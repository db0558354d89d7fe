using System.Net;
using System.Runtime.InteropServices;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Resources;
using Fairlead.Limits;

namespace Fairlead.Access;

/// <summary>
/// Asks a cluster what a caller may do there, in the caller's own name (by their token, or impersonated), and remembers the answers for seconds. A question
/// that is not answered is never a yes. Nobody can ask so much that the API server has no time for others.
/// </summary>
/// <param name="api">The cluster.</param>
/// <param name="credentials">The credential for each plan.</param>
/// <param name="clusterName">The cluster's name, in messages.</param>
/// <param name="allowedFor">How long a yes is good for.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class AccessReviews(ClusterApi api, PlannedCredentials credentials, string clusterName, TimeSpan allowedFor, TimeProvider time, ILogger<AccessReviews> logger)
{
    /// <summary>How long a yes is good for at most: the longest time that a right lives on after it was taken away.</summary>
    public static readonly TimeSpan AllowedAtMost = TimeSpan.FromSeconds(10);

    /// <summary>How long a no is good for.</summary>
    public static readonly TimeSpan DeniedFor = TimeSpan.FromSeconds(2);

    /// <summary>How many questions one caller may ask at once, and a second in the long run.</summary>
    public static readonly (int AtOnce, int PerSecond) OfCaller = (100, 20);

    /// <summary>The same for all callers of a cluster together.</summary>
    public static readonly (int AtOnce, int PerSecond) OfCluster = (500, 200);

    /// <summary>The same for callers from one address whom only the cluster knows, whatever the answers: somebody has many tokens.</summary>
    public static readonly (int AtOnce, int PerSecond) OfAddress = (250, 100);

    private const int Capacity = 16_384;
    private const int MostCallers = 4096;

    // The text of a no names what was asked for, which a caller may make as long as they like: it is written when it is given out, and never kept.
    private static readonly Refusal _no = new(RefusalReason.NotAllowed, "");

    private readonly ExpiringCache<Question, Refusal?> _answers = new(Capacity, time);
    private readonly Budget<TokenHash> _callers = new(OfCaller.AtOnce, OfCaller.PerSecond, MostCallers, time);
    private readonly FailureBudget _strangers = new(time);
    private readonly Budget<IPAddress> _addresses = new(OfAddress.AtOnce, OfAddress.PerSecond, MostCallers, time);
    private readonly Budget<bool> _cluster = new(OfCluster.AtOnce, OfCluster.PerSecond, 1, time);

    /// <summary>How the questions have ended.</summary>
    public ReviewCounts Counts { get; } = new();

    /// <summary>The refusal; null when the cluster allows it.</summary>
    /// <param name="plan">In whose name: somebody whom the cluster itself judges.</param>
    /// <param name="action">The action.</param>
    /// <param name="isRepeated">Whether it was allowed before and is asked for a stream that goes on: it has been counted when it began.</param>
    /// <param name="stranger">Where it came from, where nobody knows the caller: made-up tokens from one address use up nobody else's questions. Null otherwise.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<Refusal?> RefuseAsync(CredentialPlan plan, KubernetesAction action, bool isRepeated, IPAddress? stranger, CancellationToken cancellationToken)
    {
        var caller = plan.Key ?? throw new ArgumentException("the gateway judges these itself", nameof(plan));
        var question = new Question(caller, HashOf(action));
        if (!_answers.TryGet(question, out var known))
        {
            return AskAsync(question, plan, action, isRepeated, stranger, cancellationToken);
        }

        Counts.Add(ReviewResult.Remembered);
        return new(Worded(known, action));
    }

    /// <summary>What is asked for, in as many bytes whatever its length; nobody finds two that have the same.</summary>
    private static TokenHash HashOf(KubernetesAction action)
    {
        ReadOnlySpan<string> parts = action.IsResourceRequest
            ? [action.Verb, action.ApiGroup, action.ApiVersion, action.Resource, action.Subresource, action.Namespace, action.Name]
            : [action.Verb, action.NormalPath];
        return TokenHash.Of(parts);
    }

    private TimeSpan LifetimeOf(Refusal? refusal) => refusal?.Reason switch
    {
        null => allowedFor,
        RefusalReason.NotAllowed or RefusalReason.IllegalToken => DeniedFor,
        _ => TimeSpan.Zero,
    };

    private async ValueTask<Refusal?> AskAsync(Question question, CredentialPlan plan, KubernetesAction action, bool isRepeated, IPAddress? stranger, CancellationToken cancellationToken) =>
        Worded(await _answers.GetAsync(question, () => AskCountedAsync(question, plan, action, isRepeated, stranger), LifetimeOf, cancellationToken), action);

    private async Task<Refusal?> AskCountedAsync(Question question, CredentialPlan plan, KubernetesAction action, bool isRepeated, IPAddress? stranger)
    {
        var refusal = await (stranger is null || isRepeated ? AskAsync(question, plan, action, isRepeated) : AskForStrangerAsync(question, plan, action, stranger));
        Counts.Add(ReviewCounts.Of(refusal));
        return refusal;
    }

    private async Task<Refusal?> AskForStrangerAsync(Question question, CredentialPlan plan, KubernetesAction action, IPAddress stranger)
    {
        if (!_addresses.TryTake(Addresses.Subscriber(stranger)))
        {
            return new Refusal(RefusalReason.TooManyReviews, $"Too many questions from this address what callers may do on cluster '{clusterName}'; try again in a moment");
        }

        if (!_strangers.TryTake(stranger))
        {
            return new Refusal(RefusalReason.TooManyUnknownTokens, "Too many tokens that nobody knows; try again in a moment");
        }

        var refusal = await AskAsync(question, plan, action, isRepeated: false);
        if (refusal?.Reason is not RefusalReason.IllegalToken)
        {
            _strangers.GiveBack(stranger);
        }

        return refusal;
    }

    private async Task<Refusal?> AskAsync(Question question, CredentialPlan plan, KubernetesAction action, bool isRepeated)
    {
        if (!isRepeated && !(_callers.TryTake(question.Caller) && _cluster.TryTake(true)))
        {
            return new Refusal(RefusalReason.TooManyReviews, $"Too many questions what you may do on cluster '{clusterName}'; try again in a moment");
        }

        var credential = await credentials.GetAsync(plan, "", CancellationToken.None);
        if (credential.Credential is null)
        {
            LogUnanswered(clusterName, credential.Problem);
            return new Refusal(RefusalReason.CredentialUnavailable, $"Cluster '{clusterName}' request error: no credential could be obtained");
        }

        var spec = action.IsResourceRequest
            ? new SelfSubjectAccessReviewSpec(new ResourceAttributes(
                action.Verb, action.ApiGroup, action.Resource, action.Subresource.Length == 0 ? null : action.Subresource, action.Namespace, action.Name, action.ApiVersion))
            : new SelfSubjectAccessReviewSpec(NonResourceAttributes: new NonResourceAttributes(action.NormalPath, action.Verb));
        var answer = await api.PostAsync(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", new SelfSubjectAccessReview(spec), credential.Credential, ApiJson.Default.SelfSubjectAccessReview);
        return answer.Value?.Status is { } status ? status is { Allowed: true, Denied: false } ? null : _no : Explain(answer);
    }

    private Refusal? Worded(Refusal? answer, KubernetesAction action) => !ReferenceEquals(answer, _no) ? answer : new Refusal(
        RefusalReason.NotAllowed,
        action.IsResourceRequest
            ? $"the cluster '{clusterName}' does not let you {action.Verb} resource \"{action.QualifiedResource}\" '{action.Name}' in the namespace \"{action.Namespace}\"; a role has to grant the verb {action.Verb}"
            : $"the cluster '{clusterName}' does not let you {action.Verb} the path \"{action.Path}\"; a role has to grant it") { Judge = Judge.Cluster };

    private Refusal Explain(ApiResult<SelfSubjectAccessReview> answer)
    {
        LogUnanswered(clusterName, answer.Problem);
        return answer switch
        {
            { Status: HttpStatusCode.Unauthorized } => new Refusal(RefusalReason.IllegalToken, $"The cluster '{clusterName}' does not accept the token"),
            { Status: HttpStatusCode.Forbidden } => new Refusal(
                RefusalReason.NotAllowed, $"the cluster '{clusterName}' does not let the token's owner ask for access reviews (create selfsubjectaccessreviews)") { Judge = Judge.Cluster },
            { Failure: { } failure } => new Refusal(failure, UpstreamFailure.Message(failure, $"Cluster '{clusterName}'")),
            _ => new Refusal(RefusalReason.ReviewUnavailable, $"The cluster '{clusterName}' gave no access review; try again"),
        };
    }

    [LoggerMessage(EventId = 701, Level = LogLevel.Debug, Message = "Cluster {Cluster} gave no access review: {Problem}")]
    private partial void LogUnanswered(string cluster, string? problem);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Question(TokenHash Caller, TokenHash Action);
}
