namespace Fairlead.Recording;

/// <summary>
/// What the messages of a session's WebSocket mean, by the sub-protocol that the cluster has chosen: each begins with the number of its channel, as a byte, or as a digit
/// before base64.
/// </summary>
internal enum ChannelProtocol
{
    /// <summary>Nothing that is known here.</summary>
    Unknown,

    /// <summary><c>channel.k8s.io</c>, <c>v4.channel.k8s.io</c>, <c>v5.channel.k8s.io</c> and those between, and none at all.</summary>
    Binary,

    /// <summary><c>base64.channel.k8s.io</c>, <c>v4.base64.channel.k8s.io</c> and those between.</summary>
    Base64,
}

/// <summary>The sub-protocols by name.</summary>
internal static class ChannelProtocols
{
    /// <summary>What the chosen sub-protocol is.</summary>
    /// <param name="name">The value of <c>Sec-WebSocket-Protocol</c> in the answer; null where there is none.</param>
    public static ChannelProtocol Of(string? name) => name switch
    {
        null or "" or "channel.k8s.io" or "v1.channel.k8s.io" or "v2.channel.k8s.io" or "v3.channel.k8s.io" or "v4.channel.k8s.io" or "v5.channel.k8s.io" => ChannelProtocol.Binary,
        "base64.channel.k8s.io" or "v1.base64.channel.k8s.io" or "v2.base64.channel.k8s.io" or "v3.base64.channel.k8s.io" or "v4.base64.channel.k8s.io" or "v5.base64.channel.k8s.io" => ChannelProtocol.Base64,
        _ => ChannelProtocol.Unknown,
    };
}
