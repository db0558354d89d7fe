using System.Text;
using Fairlead.Access;

namespace Fairlead.Testing.Access;

/// <summary>Says where the gateway takes a request for something else than an API server does.</summary>
internal static class Agreement
{
    /// <summary>The first difference, or null.</summary>
    /// <param name="action">What the gateway takes the request for.</param>
    /// <param name="method">The method.</param>
    /// <param name="isUpgrade">Whether a WebSocket or SPDY connection was asked for.</param>
    /// <param name="info">What an API server takes it for.</param>
    public static string? Difference(KubernetesAction action, string method, bool isUpgrade, RequestInfo info)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(info);
        if (info.IsUndetermined || action.IsResourceRequest != info.IsResourceRequest)
        {
            return $"the gateway has {action}, the server {info}";
        }

        if (!info.IsResourceRequest)
        {
            return string.Equals(action.Verb, info.Verb, StringComparison.Ordinal) && IsSamePath(action.Path, info.Path)
                ? null : $"the gateway has {action}, the server {info}";
        }

        var read = (action.Verb, action.ApiGroup, action.ApiVersion, action.Namespace, action.Resource, action.Subresource, action.Name);
        var meant = (Verb: VerbAtTheGateway(method, isUpgrade, info), ApiGroup: Text(info.ApiGroup), ApiVersion: Text(info.ApiVersion), Namespace: Text(info.Namespace),
            Resource: Text(info.Resource), Subresource: Text(info.Subresource), Name: Text(info.Name));
        if (info.HasInvalidOptions)
        {
            // The list is answered with 400; the name that the gateway has read is not used for anything else.
            read.Name = meant.Name;
        }

        return read == meant ? null : $"the gateway has {read}, the server {meant}";
    }

    /// <summary>
    /// The differences that are meant: what opens a stream is <c>create</c>, however it is opened (contract F34), and a method without a verb of its
    /// own keeps its name, where the server has no verb at all.
    /// </summary>
    public static string VerbAtTheGateway(string method, bool isUpgrade, RequestInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(method);
        var opensStream = info is { Resource: "pods", Subresource: "exec" or "attach" or "portforward" };
        var isProxy = info is { Subresource: "proxy" } or { Verb: "proxy" };
        return opensStream || (isProxy && isUpgrade) ? "create"
            : info.Verb.Length == 0 ? method.ToLowerInvariant()
            : info.Verb;
    }

    /// <summary>The gateway keeps the spelling of a path without a resource and drops a slash at the end of a short <c>/api</c> path.</summary>
    private static bool IsSamePath(string atGateway, string decoded) =>
        string.Equals(atGateway, Text(decoded.TrimEnd('/')), StringComparison.Ordinal)
        || string.Equals(GoTarget.Parse(atGateway, hasQueryLimit: true)?.Path, decoded, StringComparison.Ordinal);

    private static string Text(string bytes) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));
}
