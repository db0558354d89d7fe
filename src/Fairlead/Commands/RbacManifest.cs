using Fairlead.Clusters;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fairlead.Commands;

/// <summary>
/// What the account that impersonates needs in a cluster: to impersonate exactly the configured users, groups and extras, and nothing besides (Kubernetes, "User
/// impersonation"). <c>uid</c> and the values of extras are the callers' own and cannot be listed.
/// </summary>
/// <param name="name">The name of the account and of its roles.</param>
/// <param name="namespace">The account's namespace.</param>
/// <param name="user">The user of a client certificate, in place of a ServiceAccount; null for none.</param>
internal sealed class RbacManifest(string name, string @namespace, string? user)
{
    private const string ServiceAccountPrefix = "system:serviceaccount:";
    private const string RbacApi = "rbac.authorization.k8s.io";

    /// <summary>Writes the objects, as YAML documents.</summary>
    public void Write(TextWriter output, ImpersonationDefinition rules)
    {
        var names = rules.Users.Concat(rules.UserMap.Values).Distinct(StringComparer.Ordinal).ToArray();
        // The API server looks these up as what they are, in their own namespace.
        var accounts = names.Select(AccountOf).OfType<(string Namespace, string Name)>().ToArray();
        var users = names.Where(static text => AccountOf(text) is null).ToArray();
        List<YamlNode> objects = user is null
            ? [Object("v1", "Namespace", @namespace, null), Object("v1", "ServiceAccount", name, @namespace)]
            : [];
        objects.Add(Object(RbacApi + "/v1", "ClusterRole", name, null, ("rules", new YamlSequenceNode(ClusterRules(rules, users)))));
        objects.Add(Binding("ClusterRole", null));
        foreach (var group in accounts.GroupBy(static account => account.Namespace, StringComparer.Ordinal))
        {
            var rule = Rule("", "serviceaccounts", [.. group.Select(static account => account.Name)]);
            objects.Add(Object(RbacApi + "/v1", "Role", name, group.Key, ("rules", new YamlSequenceNode(rule))));
            objects.Add(Binding("Role", group.Key));
        }

        new YamlStream(objects.Select(static item => new YamlDocument(item))).Save(output, assignAnchors: false);
    }

    private static IEnumerable<YamlNode> ClusterRules(ImpersonationDefinition rules, string[] users)
    {
        if (users.Length > 0)
        {
            yield return Rule("", "users", users);
        }

        var groups = rules.Groups.Concat(rules.GroupMap.Values).Distinct(StringComparer.Ordinal).ToArray();
        if (groups.Length > 0)
        {
            yield return Rule("", "groups", groups);
        }

        if (rules.SendsUid)
        {
            yield return Rule("authentication.k8s.io", "uids", [ImpersonationDefinition.Anybody]);
        }

        foreach (var key in rules.Extras.Keys.Order(StringComparer.Ordinal))
        {
            yield return Rule("authentication.k8s.io", "userextras/" + key, [ImpersonationDefinition.Anybody]);
        }
    }

    private static (string Namespace, string Name)? AccountOf(string user) =>
        user.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal) && user[ServiceAccountPrefix.Length..].Split(':') is [{ Length: > 0 } space, { Length: > 0 } name] ? (space, name) : null;

    private static YamlMappingNode Rule(string group, string resource, IReadOnlyList<string> names)
    {
        var rule = Map(("apiGroups", List(group)), ("resources", List(resource)), ("verbs", List("impersonate")));
        if (!names.Contains(ImpersonationDefinition.Anybody, StringComparer.Ordinal))
        {
            rule.Add("resourceNames", List([.. names.Order(StringComparer.Ordinal)]));
        }

        return rule;
    }

    private static YamlMappingNode Object(string apiVersion, string kind, string name, string? space, params (string Key, YamlNode Value)[] more)
    {
        var metadata = Map(("name", Text(name)));
        if (space is not null)
        {
            metadata.Add("namespace", Text(space));
        }

        return Map([("apiVersion", new YamlScalarNode(apiVersion)), ("kind", new YamlScalarNode(kind)), ("metadata", metadata), .. more]);
    }

    private YamlMappingNode Binding(string kind, string? space) => Object(
        RbacApi + "/v1", kind + "Binding", name, space,
        ("roleRef", Map(("apiGroup", new YamlScalarNode(RbacApi)), ("kind", new YamlScalarNode(kind)), ("name", Text(name)))),
        ("subjects", new YamlSequenceNode(user is null
            ? Map(("kind", new YamlScalarNode("ServiceAccount")), ("name", Text(name)), ("namespace", Text(@namespace)))
            : Map(("apiGroup", new YamlScalarNode(RbacApi)), ("kind", new YamlScalarNode("User")), ("name", Text(user))))));

    private static YamlMappingNode Map(params (string Key, YamlNode Value)[] pairs)
    {
        var map = new YamlMappingNode();
        foreach (var (key, value) in pairs)
        {
            map.Add(key, value);
        }

        return map;
    }

    private static YamlSequenceNode List(params string[] texts) => new(texts.Select(Text)) { Style = YamlDotNet.Core.Events.SequenceStyle.Flow };

    // Quoted, so that no name is read as a number, a boolean or null.
    private static YamlScalarNode Text(string text) => new(text) { Style = ScalarStyle.DoubleQuoted };
}
