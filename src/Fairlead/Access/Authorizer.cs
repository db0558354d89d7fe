using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors;

namespace Fairlead.Access;

/// <summary>Who, where to, on whose credential, and may they: the stages 2 to 5 of a request, asked when it comes and again as long as its stream lives.</summary>
/// <param name="callers">Who.</param>
internal sealed class Authorizer(CallerStage callers)
{
    /// <summary>Asks for a new request.</summary>
    /// <param name="question">What is asked for.</param>
    /// <param name="snapshot">What is in force.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<Authority> AskAsync(AuthorityQuestion question, GatewaySnapshot snapshot, CancellationToken cancellationToken) =>
        // :: 2 Caller
        await DecideAsync(question, await callers.IdentifyAsync(question.Request, snapshot, cancellationToken), snapshot, isRepeated: false, cancellationToken);

    /// <summary>Asks for a stream that goes on.</summary>
    /// <param name="question">What was asked for.</param>
    /// <param name="earlier">Who it was.</param>
    /// <param name="isUse">Whether the caller has done something since.</param>
    /// <param name="snapshot">What is in force now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<Authority> AskAgainAsync(AuthorityQuestion question, Identified earlier, bool isUse, GatewaySnapshot snapshot, CancellationToken cancellationToken) =>
        await DecideAsync(
            question, await callers.IdentifyAgainAsync(earlier, question.Request, snapshot, isUse, cancellationToken), snapshot, isRepeated: true, cancellationToken);

    private static async ValueTask<Authority> DecideAsync(AuthorityQuestion question, CallerResult caller, GatewaySnapshot snapshot, bool isRepeated, CancellationToken cancellationToken)
    {
        var (request, route, action) = question;
        var (identified, refusal) = caller;
        if (identified is null)
        {
            return new Authority(null, null, null, refusal);
        }

        // The portal judges before anything is looked up (contract S3).
        if (route.Door is Door.Backstage && snapshot.Permissions is { } portal
            && await portal.RefuseAsync(identified, PortalPermissions.Proxy, cancellationToken) is { } denied)
        {
            return new Authority(identified, null, null, denied) { Judgement = Judgement.Portal };
        }

        // :: 3 Cluster
        var name = ClusterStage.NameIn(request, route, identified, snapshot, out refusal);
        if (refusal is not null || ClusterStage.Choose(name, route.Door, identified, snapshot.Catalog, snapshot.Policy, out refusal) is not { } cluster)
        {
            return new Authority(identified, null, null, refusal);
        }

        // :: 4 Plan
        if (CredentialPlan.For(request, identified, cluster, snapshot, out refusal) is not { } plan)
        {
            return new Authority(identified, cluster, null, refusal);
        }

        if (plan is CredentialPlan.Own own && TokenOwners.IsAsked(route.Door, identified, cluster, plan, action, snapshot))
        {
            (var owner, refusal) = await cluster.TokenOwners.IdentifyAsync(identified, own.Authorization, request.RemoteAddress, cancellationToken);
            if (owner is null)
            {
                return new Authority(identified, cluster, plan, refusal);
            }

            identified = owner;
        }

        // :: 5 Decision
        refusal = Decision.Refuse(request, route, identified.Caller, cluster, action, plan, snapshot.Policy, out var judgement);
        if (refusal is null && ReviewRules.Asks(question, cluster, plan, snapshot.Options.ServiceProxy, isRepeated) is { } reviewed)
        {
            judgement = Judgement.AccessReview;
            refusal = await cluster.Reviews.RefuseAsync(plan, reviewed, isRepeated, identified.Stranger(request.RemoteAddress), cancellationToken);
        }

        return new Authority(identified, cluster, plan, refusal) { Judgement = judgement };
    }
}
