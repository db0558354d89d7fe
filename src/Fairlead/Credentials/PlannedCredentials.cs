using Fairlead.Clusters;
using Fairlead.Credentials.Impersonation;

namespace Fairlead.Credentials;

/// <summary>From the plan to the credential itself, for one cluster. Asked only after the decision (contract F5).</summary>
/// <param name="held">The credential that the gateway holds.</param>
/// <param name="impersonator">The account that impersonates; null where nobody is impersonated.</param>
/// <param name="check">Whether that account may do nothing else.</param>
internal sealed class PlannedCredentials(CredentialSource held, CredentialSource? impersonator, ImpersonatorCheck check)
{
    /// <summary>The credential that a request travels on.</summary>
    /// <param name="plan">Whose it is.</param>
    /// <param name="namespace">The namespace that the request is about; empty for none, or all of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<CredentialResult> GetAsync(CredentialPlan plan, string @namespace, CancellationToken cancellationToken) => plan switch
    {
        CredentialPlan.Own { As: null } own => new(new CredentialResult(new UpstreamCredential.PassThrough(own.Authorization), null)),
        CredentialPlan.Own { As: { } user } own => new(new CredentialResult(new UpstreamCredential.Impersonated(new UpstreamCredential.PassThrough(own.Authorization), user), null)),
        CredentialPlan.Impersonated impersonated => ImpersonateAsync(impersonated.User, @namespace, cancellationToken),
        _ => held.GetAsync(cancellationToken),
    };

    /// <summary>Whether another credential may be had instead of one that the cluster has just refused, and may be better.</summary>
    public bool MayRenew(UpstreamCredential rejected) => held.MayRenew(rejected);

    /// <summary>A credential to use instead of one that the cluster has refused. Only after <see cref="MayRenew"/>.</summary>
    public ValueTask<CredentialResult> RenewAsync(UpstreamCredential rejected, CancellationToken cancellationToken) => held.RenewAsync(rejected, cancellationToken);

    /// <summary>The account that impersonates, or what is wrong with it. Only where callers are impersonated.</summary>
    /// <param name="namespace">Where it may not do anything else either; empty for what it may do everywhere.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<CredentialResult> GetImpersonatorAsync(string @namespace, CancellationToken cancellationToken)
    {
        var account = await impersonator!.GetAsync(cancellationToken);

        // An account with rights of its own would be one that fails open.
        return account.Credential is { } credential && await check.ProblemOfAsync(credential, @namespace, cancellationToken) is { } problem ? new CredentialResult(null, problem) : account;
    }

    private async ValueTask<CredentialResult> ImpersonateAsync(ImpersonatedUser user, string @namespace, CancellationToken cancellationToken)
    {
        var account = await GetImpersonatorAsync(@namespace, cancellationToken);
        return account.Credential is { } credential ? new CredentialResult(new UpstreamCredential.Impersonated(credential, user), null) : account;
    }

    /// <summary>The credentials of a cluster.</summary>
    public static PlannedCredentials For(ClusterDefinition definition, CredentialSource held, ClusterApi api, TimeProvider time) => new(
        held, definition.Credential is CredentialDefinition.Impersonate impersonate ? CredentialSource.For(impersonate.Impersonator) : null, new ImpersonatorCheck(api, time));
}
