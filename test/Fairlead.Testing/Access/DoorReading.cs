using Fairlead.Access;
using Fairlead.Doors;

namespace Fairlead.Testing.Access;

/// <summary>What a request to an API server becomes at a door: what the gateway takes it for, and the bytes that go on.</summary>
/// <param name="Action">What the gateway takes it for.</param>
/// <param name="Forwarded">The target that goes on.</param>
internal sealed record DoorReading(KubernetesAction Action, string Forwarded)
{
    private static readonly Router _router = new("");

    /// <summary>The doors that lead to an API server.</summary>
    public static IReadOnlyList<string> Doors { get; } = ["/clusters/c", "/api/kubernetes/proxy"];

    /// <summary>Reads a request; null when it is refused.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">What stands behind the door.</param>
    /// <param name="isUpgrade">Whether a WebSocket or SPDY connection is asked for.</param>
    /// <param name="door">One of <see cref="Doors"/>; null for the first.</param>
    public static DoorReading? Of(string method, string target, bool isUpgrade, string? door = null) =>
        RequestTarget.Parse((door ?? Doors[0]) + target, 24 * 1024, out _) is { } parsed && _router.Find(parsed) is DoorRoute.Proxy route
        && KubernetesActionParser.Parse(parsed, route.PrefixLength, method, isUpgrade, out _) is { } action
            ? new DoorReading(action, parsed.Below(route.PrefixLength))
            : null;

    /// <summary>Where an API server takes the forwarded bytes for something else than the gateway has judged; null for nowhere.</summary>
    /// <param name="method">The method.</param>
    /// <param name="isUpgrade">Whether a WebSocket or SPDY connection is asked for.</param>
    public string? Difference(string method, bool isUpgrade)
    {
        // The server's Go may be old or new; what is accepted has to mean the same to both.
        return DifferenceTo(GoTarget.Parse(Forwarded, hasQueryLimit: true)) ?? DifferenceTo(GoTarget.Parse(Forwarded, hasQueryLimit: false));

        string? DifferenceTo(GoTarget? read) => read is null ? null : Agreement.Difference(Action, method, isUpgrade, RequestInfo.Parse(method, read));
    }
}
