using System.Security.Cryptography.X509Certificates;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Upstreams;

/// <summary>One request as an <see cref="Http2Upstream"/> saw it, recorded when its head arrived.</summary>
public sealed class Http2Request
{
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Http2Request(string method, string target, string protocol, string connectionId)
    {
        Method = method;
        Target = target;
        Protocol = protocol;
        ConnectionId = connectionId;
    }

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>The request target as sent: <c>:path</c> on HTTP/2.</summary>
    public string Target { get; }

    /// <summary><c>HTTP/2</c> or <c>HTTP/1.1</c>.</summary>
    public string Protocol { get; }

    /// <summary>Equal for requests that came on one connection.</summary>
    public string ConnectionId { get; }

    /// <summary><c>:protocol</c> of an extended CONNECT.</summary>
    public string? ExtendedConnectProtocol { get; internal init; }

    /// <summary>The certificate the client showed in the TLS handshake.</summary>
    public X509Certificate2? ClientCertificate { get; internal init; }

    /// <summary>Header lines, duplicates kept; lines of one name stand together. <c>:authority</c> appears as <c>Host</c>.</summary>
    public HeaderLines HeaderLines { get; } = [];

    /// <summary>The body, once the answer has read it through <see cref="Http2Upstream.ReadBodyAsync"/>.</summary>
    public byte[] Body { get; internal set; } = [];

    /// <summary>Completes when the request is over: true when the peer aborted it.</summary>
    public Task<bool> Ended => _ended.Task;

    /// <summary>The only value of that header, or null; several lines are an error.</summary>
    public string? Header(string name) => HeaderLines.Only(name);

    /// <summary>The values of all lines of that name.</summary>
    public IReadOnlyList<string> Headers(string name) => HeaderLines.All(name);

    /// <summary>Waits until the request is over and says whether the peer aborted it.</summary>
    public Task<bool> WaitForEndAsync(CancellationToken cancellationToken = default) =>
        Guard.RunAsync($"the end of {Method} {Target}", async token => await Ended.WaitAsync(token), cancellationToken);

    internal void Finish(bool aborted) => _ended.TrySetResult(aborted);
}
