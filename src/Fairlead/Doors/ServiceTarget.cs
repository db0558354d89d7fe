namespace Fairlead.Doors;

/// <summary>What a target of the service door names (contract <c>headlamp.md</c> F2, F3, F8 to F12).</summary>
/// <param name="Namespace">The namespace, a DNS label.</param>
/// <param name="Name">The Service, a DNS label.</param>
/// <param name="Scheme"><c>http</c> or <c>https</c>; null where the target does not say.</param>
/// <param name="Port">The port's name or number; null where the target does not say.</param>
/// <param name="PathAndQuery">What the Service is asked for, byte for byte.</param>
/// <param name="IsRequestForm">Whether it came as <c>?request=</c>.</param>
internal sealed record ServiceTarget(string Namespace, string Name, string? Scheme, string? Port, string PathAndQuery, bool IsRequestForm)
{
    /// <summary>The port, where the query names it: an answer that leads back has to name it again. Null otherwise.</summary>
    public string? PortInQuery { get; init; }
}
