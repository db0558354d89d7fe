namespace Fairlead.Demo.Access;

/// <summary>Who a request is from.</summary>
/// <param name="Name">The user name.</param>
/// <param name="Groups">The groups.</param>
public sealed record Identity(string Name, IReadOnlyList<string> Groups)
{
    /// <summary>Whoever sends no credential.</summary>
    public static Identity Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    /// <summary>Whether nothing is refused.</summary>
    public bool IsMaster => Groups.Contains("system:masters", StringComparer.Ordinal);
}
