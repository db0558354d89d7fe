using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.HostileTests;

/// <summary>The doors that lead to an upstream.</summary>
public enum DoorName
{
    /// <summary><c>/clusters/{c}</c>.</summary>
    Cluster,

    /// <summary><c>/api/kubernetes/proxy</c>.</summary>
    Backstage,

    /// <summary><c>/clusters/{c}/serviceproxy/{ns}/{svc}</c>, with the Service dialled.</summary>
    Service,
}

/// <summary>How the caller says who they are.</summary>
public enum LoginName
{
    /// <summary>A bearer token in <c>Authorization</c>.</summary>
    Bearer,

    /// <summary>The cookie of a browser in which somebody has signed in.</summary>
    Session,
}

/// <summary>How a request comes in: what the hostile requests ask every row to run on unless it says otherwise.</summary>
/// <param name="Door">The door.</param>
/// <param name="Protocol">What the client speaks.</param>
/// <param name="Login">Who calls.</param>
public sealed record HostileWay(DoorName Door, WireProtocol Protocol, LoginName Login)
{
    /// <summary>Whether the client speaks HTTP/2.</summary>
    public bool IsHttp2 => Protocol is WireProtocol.Http2Tls;

    /// <inheritdoc/>
    public override string ToString() => $"{Door}, {Protocol}, {Login}";
}

/// <summary>The ways to go through inside a test: <c>foreach (var way in HostileWays.All)</c>. The way belongs into every assertion's reason.</summary>
internal static class HostileWays
{
    /// <summary>Every door, protocol and login.</summary>
    public static IReadOnlyList<HostileWay> All { get; } =
        [.. from door in Enum.GetValues<DoorName>() from protocol in Enum.GetValues<WireProtocol>() from login in Enum.GetValues<LoginName>() select new HostileWay(door, protocol, login)];

    /// <summary>Every way with HTTP/1.1, with and without TLS.</summary>
    public static IReadOnlyList<HostileWay> Http11 { get; } = [.. All.Where(static way => !way.IsHttp2)];

    /// <summary>Every way with HTTP/2.</summary>
    public static IReadOnlyList<HostileWay> Http2 { get; } = [.. All.Where(static way => way.IsHttp2)];

    /// <summary>Every door and protocol with a bearer token.</summary>
    public static IReadOnlyList<HostileWay> Bearer { get; } = [.. All.Where(static way => way.Login is LoginName.Bearer)];

    /// <summary>The three doors, as theory data for tests that need a world of their own for each.</summary>
    public static TheoryData<DoorName> Doors { get; } = [.. Enum.GetValues<DoorName>()];
}
