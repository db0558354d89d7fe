using System.Net;
using Fairlead.Access;
using Fairlead.Configuration;
using Fairlead.Doors;
using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Forwarding;

/// <summary>How long a request may be silent, and over which protocol it travels.</summary>
internal enum StreamClass
{
    /// <summary>An ordinary request.</summary>
    Short,

    /// <summary>A watch, a followed log, a <c>proxy</c> sub-resource: silent for as long as it likes once the headers are there.</summary>
    Stream,

    /// <summary>A WebSocket or SPDY connection, which needs HTTP/1.1: API servers upgrade nothing else.</summary>
    Upgrade,
}

/// <summary>The forwarder's settings for each <see cref="StreamClass"/>.</summary>
internal sealed class StreamClasses(TimeoutOptions timeouts)
{
    private readonly ForwarderRequestConfig _short = new()
    {
        ActivityTimeout = timeouts.Idle,
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    private readonly ForwarderRequestConfig _stream = new()
    {
        ActivityTimeout = Timeout.InfiniteTimeSpan,
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    private readonly ForwarderRequestConfig _upgrade = new()
    {
        ActivityTimeout = Timeout.InfiniteTimeSpan,
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>What a request is.</summary>
    public static StreamClass Of(InboundRequest request, KubernetesAction action) =>
        request.Upgrade is not UpgradeKind.None ? StreamClass.Upgrade
        : action.IsLongRunning ? StreamClass.Stream
        : StreamClass.Short;

    /// <summary>The forwarder's settings.</summary>
    public ForwarderRequestConfig Config(StreamClass @class) => @class switch
    {
        StreamClass.Short => _short,
        StreamClass.Stream => _stream,
        _ => _upgrade,
    };

    /// <summary>How long to wait for response headers; null where the idle time of an ordinary request says it already.</summary>
    public TimeSpan? HeaderLimit(StreamClass @class) =>
        @class is StreamClass.Short && timeouts.Idle <= timeouts.ResponseHeaders ? null : timeouts.ResponseHeaders;
}
