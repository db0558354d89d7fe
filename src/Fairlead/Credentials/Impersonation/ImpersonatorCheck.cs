using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Doors;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Credentials.Impersonation;

/// <summary>
/// Asks a cluster what the account that impersonates may do besides, in the namespace that a request is about. An account with rights of its own would act on them if
/// ever the headers were lost on the way; one without can do nothing, so the request fails closed. Not asked again for minutes.
/// </summary>
internal sealed class ImpersonatorCheck(ClusterApi api, TimeProvider time)
{
    /// <summary>How long a good answer is good for.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(5);

    /// <summary>How long a bad one is.</summary>
    public static readonly TimeSpan BadFor = TimeSpan.FromSeconds(10);

    private const string Target = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";

    // What is granted in all namespaces is granted in this one too, and the question needs one.
    private const string AnyNamespace = "default";
    private const int Capacity = 4096;

    private readonly ExpiringCache<(TokenHash Account, string Namespace), string?> _answers = new(Capacity, time);

    /// <summary>What is wrong with the account; null when it may do nothing but impersonate.</summary>
    /// <param name="account">The account.</param>
    /// <param name="namespace">The namespace; empty for none, or all of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<string?> ProblemOfAsync(UpstreamCredential account, string @namespace, CancellationToken cancellationToken)
    {
        // What can be no namespace has no roles.
        var asked = ServiceDoor.IsLabel(@namespace) ? @namespace : AnyNamespace;
        return _answers.GetAsync(
            (account.Authorization is { } authorization ? TokenHash.Of(authorization.Reveal()) : default, asked),
            () => AskAsync(account, asked),
            static problem => problem is null ? GoodFor : BadFor,
            cancellationToken);
    }

    private async Task<string?> AskAsync(UpstreamCredential account, string @namespace)
    {
        var answer = await api.PostAsync(
            Target, new SelfSubjectRulesReview(new SelfSubjectRulesReviewSpec(@namespace)), account, ApiJson.Default.SelfSubjectRulesReview);
        if (answer.Value?.Status is not { } status)
        {
            return $"what the account that impersonates may do could not be found out (selfsubjectrulesreviews): {answer.Problem}";
        }

        var excess = (status.ResourceRules ?? []).Where(static rule => !IsHarmless(rule)).Select(Describe)
            .Concat((status.NonResourceRules ?? []).Where(static rule => rule.Verbs?.All(static verb => verb is "get" or "head") != true).Select(static rule => $"{Join(rule.Verbs)} {Join(rule.NonResourceUrls)}"))
            .Take(3).ToArray();
        return excess.Length == 0 ? null
            : $"the account that impersonates may do more than that ({string.Join("; ", excess)}); give it the role that 'fairlead rbac' prints, and nothing else";
    }

    private static bool IsHarmless(ResourceRule rule) =>
        rule.Verbs is { Count: > 0 }
        && (rule.Verbs.All(static verb => verb is "impersonate")
            // What everybody who is authenticated may ask about themselves (system:basic-user).
            || (rule.Verbs.All(static verb => verb is "create") && rule.Resources is { Count: > 0 }
                && rule.Resources.All(static resource => resource is "selfsubjectaccessreviews" or "selfsubjectrulesreviews" or "selfsubjectreviews")));

    private static string Describe(ResourceRule rule) => $"{Join(rule.Verbs)} {Join(rule.Resources)}";

    private static string Join(IReadOnlyList<string>? words) => string.Join(',', words ?? []);
}
