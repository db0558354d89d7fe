using System.Runtime.CompilerServices;
using Fairlead.Callers;
using Fairlead.Clusters;

namespace Fairlead.Credentials.Impersonation;

/// <summary>As whom callers arrive at one cluster. Worked out once for each caller, as long as somebody remembers them.</summary>
/// <param name="rules">Who is impersonated, and as whom.</param>
internal sealed class ImpersonatedCallers(ImpersonationDefinition rules)
{
    private readonly ConditionalWeakTable<Caller.Portal, CredentialPlan.Impersonated> _known = [];

    /// <summary>The plan for the caller.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="problem">What is in the way, for the caller; null when nothing is.</param>
    public CredentialPlan.Impersonated? PlanFor(Caller.Portal caller, out string? problem)
    {
        problem = null;
        if (_known.TryGetValue(caller, out var known))
        {
            return known;
        }

        if (Impersonator.For(caller, rules, out problem) is not { } user)
        {
            return null;
        }

        var plan = new CredentialPlan.Impersonated(user);
        _known.AddOrUpdate(caller, plan);
        return plan;
    }
}
