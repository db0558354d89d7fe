namespace Fairlead.Testing.Access;

/// <summary>A request to an API server whose meaning is compared.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The target, byte for byte.</param>
/// <param name="GatewayVerb">The gateway's verb where it is meant to differ from the server's; null where the two agree.</param>
internal sealed record RequestCase(string Method, string Target, string? GatewayVerb = null)
{
    /// <summary>Whether a WebSocket is asked for.</summary>
    public bool IsUpgrade { get; init; }

    /// <summary>The name that the gateway reads from a list whose options do not decode, which the server therefore answers with 400; else null.</summary>
    public string? GatewayName { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Target.TrimEnd('&')}{(IsUpgrade ? " (WebSocket)" : "")}";
}
