using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Credentials.Impersonation;

/// <summary>Says as whom a caller arrives at a cluster that the gateway impersonates them to. What cannot be said exactly is not said at all.</summary>
internal static class Impersonator
{
    /// <summary>How many groups, and values of one extra, are sent at most.</summary>
    public const int MostValues = 1000;

    private const int MostCharacters = 48 * 1024;
    private const string Reserved = "system:";

    /// <summary>Whether the cluster knows the caller.</summary>
    public static bool Knows(Caller caller, ImpersonationDefinition rules) =>
        caller is Caller.Portal portal && (rules.UserMap.ContainsKey(portal.Subject) || Lists(rules.Users, portal.Subject));

    /// <summary>The user that the caller is in the cluster.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="rules">Who is impersonated, and as whom.</param>
    /// <param name="problem">What is in the way, for the caller; null when nothing is.</param>
    public static ImpersonatedUser? For(Caller.Portal caller, ImpersonationDefinition rules, out string? problem)
    {
        problem = null;
        if (!Knows(caller, rules))
        {
            problem = $"impersonation.users does not name '{caller.Subject}'";
            return null;
        }

        if (!rules.UserMap.TryGetValue(caller.Subject, out var name))
        {
            name = caller.Subject;
            problem = IsReserved(name) ? $"the name '{name}' is reserved for Kubernetes itself; impersonation.userMap has to say whom it stands for" : null;
        }

        var groups = problem is null ? GroupsOf(caller, rules, out problem) : [];
        var uid = rules.SendsUid ? caller.Uid : null;
        var extras = new List<KeyValuePair<string, IReadOnlyList<string>>>();
        foreach (var (key, claim) in rules.Extras)
        {
            if (caller.Claims.TryGetValue(claim, out var values) && values.Count > 0)
            {
                extras.Add(new(key, values));
            }
        }

        problem ??= FaultIn(name, groups, uid, extras);
        return problem is null ? new ImpersonatedUser(name, groups, uid, extras) : null;
    }

    private static List<string> GroupsOf(Caller.Portal caller, ImpersonationDefinition rules, out string? problem)
    {
        problem = null;
        var groups = new List<string>();
        foreach (var group in caller.Groups)
        {
            if (rules.GroupMap.TryGetValue(group, out var mapped))
            {
                groups.Add(mapped);
            }
            else if (IsReserved(group))
            {
                problem = $"the group '{group}' is reserved for Kubernetes itself; impersonation.groupMap has to say which it stands for";
                return groups;
            }
            else if (Lists(rules.Groups, group))
            {
                groups.Add(group);
            }
        }

        return groups;
    }

    private static string? FaultIn(string name, List<string> groups, string? uid, List<KeyValuePair<string, IReadOnlyList<string>>> extras)
    {
        var values = extras.SelectMany(static extra => extra.Value);
        return groups.Count > MostValues || extras.Exists(static extra => extra.Value.Count > MostValues) ? $"there are more than {MostValues} groups, or values of one extra"
            : name.Length + groups.Sum(static group => group.Length) + values.Sum(static value => value.Length) + (uid?.Length ?? 0) > MostCharacters
                ? "the name, groups and extras are too long for the headers of one request"
            : !HeaderLines.CanCarry(name) || (uid is not null && !HeaderLines.CanCarry(uid)) || !groups.TrueForAll(HeaderLines.CanCarry) || !values.All(HeaderLines.CanCarry)
                ? "the name, a group, the uid or an extra holds what no header can carry (control characters, blanks around it, nothing)"
            : null;
    }

    private static bool Lists(IReadOnlyList<string> names, string name) =>
        names.Contains(name, StringComparer.Ordinal) || (names.Contains(ImpersonationDefinition.Anybody, StringComparer.Ordinal) && !IsReserved(name));

    // Compared without regard to case, though Kubernetes does not: a name that looks like a reserved one is none to be trusted either.
    private static bool IsReserved(string name) => name.StartsWith(Reserved, StringComparison.OrdinalIgnoreCase);
}
