using Fairlead.Access;

namespace Fairlead.Management.Metrics;

/// <summary>What a long-running request is.</summary>
internal static class StreamKind
{
    /// <summary>The label; null for an ordinary request.</summary>
    public static string? Of(KubernetesAction? action) => action is not { IsLongRunning: true } ? null : action switch
    {
        { Verb: "watch" } => "watch",
        { Subresource: "log" } => "log",
        { Subresource: "exec" } => "exec",
        { Subresource: "attach" } => "attach",
        { Subresource: "portforward" } => "portforward",
        { IsProxied: true } or { Verb: "proxy" } => "proxy",
        _ => "other",
    };
}
