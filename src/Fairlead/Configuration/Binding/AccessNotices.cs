using Fairlead.Access;

namespace Fairlead.Configuration.Binding;

/// <summary>What rules say that can never come true: no error, but a rule that was meant to deny and denies nothing should not stay unnoticed.</summary>
internal static class AccessNotices
{
    /// <summary>Adds the notices of <paramref name="options"/>.</summary>
    public static void Add(BindingContext context, GatewayOptions options)
    {
        var auth = options.Auth;
        var kept = (auth?.Jwt ?? []).SelectMany(static issuer => issuer.Claims.Kept)
            .Concat((auth?.Oidc ?? []).SelectMany(static provider => provider.Claims.Kept))
            .Concat((auth?.Static ?? []).SelectMany(static caller => caller.Claims.Keys))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var rule in options.AccessRules)
        {
            foreach (var claim in rule.Claims.Keys.Where(claim => !kept.Contains(claim)))
            {
                context.Notice($"access rule '{rule.Label}': nobody has the claim '{claim}'; list it in claims of auth.jwt or auth.oidc, or give it to a caller of auth.static");
            }

            foreach (var resource in rule.Resources.Where(static resource => !CoreResources.MayBeMeant(resource)))
            {
                context.Notice($"access rule '{rule.Label}': '{resource}' is no resource of the core group; resources of other groups are written with their group, as in deployments.apps");
            }
        }
    }
}
