using System.Net;
using System.Runtime.InteropServices;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Kubernetes.Resources;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Access;

/// <summary>
/// Asks a cluster what the holder of a token may do there, in their own name, and remembers the answers for seconds. A question that is
/// not answered is never a yes.
/// </summary>
internal sealed partial class AccessReviews(ClusterApi api, string clusterName, TimeProvider time, ILogger<AccessReviews> logger)
{
    private const int Capacity = 16_384;

    /// <summary>How long a yes is good for: the longest time that a right lives on after it was taken away.</summary>
    public static readonly TimeSpan AllowedFor = TimeSpan.FromSeconds(10);

    /// <summary>How long a no is good for.</summary>
    public static readonly TimeSpan DeniedFor = TimeSpan.FromSeconds(2);

    private readonly ExpiringCache<Question, Refusal?> _answers = new(Capacity, time);

    /// <summary>The refusal; null when the cluster allows it.</summary>
    public ValueTask<Refusal?> RefuseAsync(Secret authorization, KubernetesAction action, CancellationToken cancellationToken)
    {
        var question = new Question(TokenHash.Of(authorization.Reveal()), action.Verb, action.Resource, action.Subresource, action.Namespace, action.Name);
        return _answers.GetAsync(question, () => AskAsync(authorization, action), static refusal => LifetimeOf(refusal), cancellationToken);
    }

    private static TimeSpan LifetimeOf(Refusal? refusal) => refusal?.Reason switch
    {
        null => AllowedFor,
        RefusalReason.NotAllowed or RefusalReason.IllegalToken => DeniedFor,
        _ => TimeSpan.Zero,
    };

    private async Task<Refusal?> AskAsync(Secret authorization, KubernetesAction action)
    {
        var question = new SelfSubjectAccessReview(
            new SelfSubjectAccessReviewSpec(new ResourceAttributes(
                action.Verb, action.ApiGroup, action.Resource, action.Subresource.Length == 0 ? null : action.Subresource, action.Namespace, action.Name)),
            null);
        var answer = await api.PostAsync(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", question, new UpstreamCredential.PassThrough(authorization), ApiJson.Default.SelfSubjectAccessReview);
        if (answer.Value?.Status is { } status)
        {
            return status is { Allowed: true, Denied: false } ? null : new Refusal(
                RefusalReason.NotAllowed,
                $"the cluster '{clusterName}' does not let you {action.Verb} resource \"{action.QualifiedResource}\" '{action.Name}' in the namespace \"{action.Namespace}\"; a role has to grant the verb {action.Verb}");
        }

        LogUnanswered(clusterName, answer.Problem);
        return answer switch
        {
            { Status: HttpStatusCode.Unauthorized } => new Refusal(RefusalReason.IllegalToken, $"The cluster '{clusterName}' does not accept the token"),
            { Status: HttpStatusCode.Forbidden } => new Refusal(
                RefusalReason.NotAllowed, $"the cluster '{clusterName}' does not let the token's owner ask for access reviews (create selfsubjectaccessreviews)"),
            { Failure: { } failure } => new Refusal(failure, Forwarding.UpstreamFailure.Message(failure, $"Cluster '{clusterName}'")),
            _ => new Refusal(RefusalReason.ReviewUnavailable, $"The cluster '{clusterName}' gave no access review; try again"),
        };
    }

    [LoggerMessage(EventId = 701, Level = LogLevel.Debug, Message = "Cluster {Cluster} gave no access review: {Problem}")]
    private partial void LogUnanswered(string cluster, string? problem);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Question(TokenHash Token, string Verb, string Resource, string Subresource, string Namespace, string Name);
}
