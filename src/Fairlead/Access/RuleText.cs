using System.Text;
using System.Text.Encodings.Web;
using Fairlead.Callers;

namespace Fairlead.Access;

/// <summary>What a rule would have to say, for whoever has to write it: YAML that can be pasted below <c>access.rules</c>.</summary>
internal static class RuleText
{
    /// <summary>
    /// The end of a message: the narrowest rule that allows the caller <paramref name="action"/> on a cluster. Nothing where a name or path would be more than itself
    /// in a rule: somebody who is called <c>*</c> must not have themselves pasted.
    /// </summary>
    /// <param name="caller">The caller.</param>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="action">The action.</param>
    public static string Hint(Caller caller, string cluster, KubernetesAction action) =>
        caller is not Caller.Portal portal || IsMore(portal.Subject) || IsMore(cluster) || IsMore(action.IsResourceRequest ? action.Namespace + action.QualifiedResource : action.Path) ? ""
            : "; a rule that does: " + Allowing(portal, cluster, action);

    // A pattern, or what configuration files read from the environment.
    private static bool IsMore(string text) => text.AsSpan().ContainsAny('*', '$');

    private static string Allowing(Caller.Portal caller, string cluster, KubernetesAction action)
    {
        var text = new StringBuilder("{subjects: {users: [").Append(Quoted(caller.Subject)).Append("]}, clusters: [").Append(Quoted(cluster)).Append(']');
        if (action.IsResourceRequest)
        {
            text.Append(", namespaces: [").Append(Quoted(action.Namespace.Length == 0 ? "*" : action.Namespace))
                .Append("], resources: [").Append(Quoted(action.QualifiedResource)).Append(']');
        }
        else
        {
            text.Append(", nonResourceURLs: [").Append(Quoted(action.Path)).Append(']');
        }

        return text.Append(", verbs: [").Append(Quoted(action.Verb)).Append("]}").ToString();
    }

    private static string Quoted(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}
