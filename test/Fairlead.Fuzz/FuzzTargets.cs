using Fairlead.Fuzz.Targets;

namespace Fairlead.Fuzz;

/// <summary>All targets.</summary>
internal static class FuzzTargets
{
    /// <summary>All targets.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("request-target", RequestTargets.Attack),
        new("kubernetes-action", KubernetesActions.Attack),
        new("request-headers", RequestHeaders.Attack),
        new("response-headers", ResponseHeaders.Attack),
        new("kubeconfig", Kubeconfigs.Attack),
        new("yaml", YamlDocuments.Attack),
        new("configuration", Configurations.Attack),
        new("websocket-protocols", WebSocketProtocolLists.Attack),
        new("websocket-frames", WebSocketFrames.Attack),
        new("request-value", RequestValues.Attack),
        new("cookies", Cookies.Attack),
        new("signed-token", SignedTokens.Attack),
        new("exec-credential", ExecCredentials.Attack),
    ];

    /// <summary>The target of a name; null for none.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => string.Equals(target.Name, name, StringComparison.Ordinal));
}
