using System.Globalization;
using System.Text;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Clients;

/// <summary>
/// A request to be put on the wire as it stands: nothing is escaped, normalised or checked. Text is Latin-1, one character one byte.
/// On HTTP/1.1 <c>Host</c> is added unless it is among the headers, on HTTP/2 it becomes <c>:authority</c>.
/// </summary>
public sealed record RawRequest(string Method, string Target)
{
    /// <summary>The authority where no <c>Host</c> line is given.</summary>
    public const string DefaultHost = "127.0.0.1";

    /// <summary>Header lines in their order.</summary>
    public IReadOnlyList<HeaderLine> Headers { get; init; } = [];

    /// <summary>The body; null for none.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>The body travels in one chunk instead of with Content-Length. On HTTP/2: no content-length is sent.</summary>
    public bool Chunked { get; init; }

    /// <summary>The <c>:protocol</c> of an extended CONNECT (RFC 8441); HTTP/2 only.</summary>
    public string? Protocol { get; init; }

    /// <summary>The client goes on sending body or tunnel bytes after the head: on HTTP/2 END_STREAM is not set.</summary>
    public bool KeepSending { get; init; }

    /// <summary>A GET.</summary>
    public static RawRequest Get(string target) => new("GET", target);

    /// <summary>A WebSocket handshake; <see cref="AsExtendedConnect"/> makes the HTTP/2 form of it.</summary>
    public static RawRequest WebSocket(string target, params string[] subprotocols)
    {
        var request = Get(target)
            .With("Connection", "Upgrade")
            .With("Upgrade", "websocket")
            .With("Sec-WebSocket-Version", "13")
            .With("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        return subprotocols.Length == 0 ? request : request.With("Sec-WebSocket-Protocol", string.Join(", ", subprotocols));
    }

    /// <summary>The same with one more header line at the end.</summary>
    public RawRequest With(string name, string value) => this with { Headers = [.. Headers, new(name, value)] };

    /// <summary>The same with the bearer token in <c>Authorization</c>.</summary>
    public RawRequest WithBearer(string token) => With("Authorization", $"Bearer {token}");

    /// <summary>The same with a body and its Content-Type.</summary>
    public RawRequest WithBody(string body, string contentType = "application/json") =>
        With("Content-Type", contentType) with { Body = Encoding.UTF8.GetBytes(body) };

    /// <summary>RFC 8441 section 5: the method CONNECT, <c>:protocol</c>, and neither Connection nor Upgrade nor key.</summary>
    public RawRequest AsExtendedConnect() => this with
    {
        Method = "CONNECT",
        Protocol = "websocket",
        KeepSending = true,
        Headers = [.. Headers.Where(line => line.Name is not ("Connection" or "Upgrade" or "Sec-WebSocket-Key"))],
    };

    /// <summary>The bytes on HTTP/1.1.</summary>
    public byte[] ToHttp11()
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Method} {Target} HTTP/1.1\r\n");
        if (!Names("Host"))
        {
            head.Append("Host: " + DefaultHost + "\r\n");
        }

        foreach (var (name, value) in Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (Body is { } body && !Names("Content-Length") && !Names("Transfer-Encoding"))
        {
            head.Append(Chunked ? "Transfer-Encoding: chunked\r\n" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n"));
        }

        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. BodyBytes()];
    }

    /// <summary>Whether a header line has that name.</summary>
    internal bool Names(string name) => Headers.Any(line => string.Equals(line.Name, name, StringComparison.OrdinalIgnoreCase));

    private byte[] BodyBytes() => Body switch
    {
        null => [],
        { } body when !Chunked => body.ToArray(),
        { Length: 0 } => "0\r\n\r\n"u8.ToArray(),
        { } body => [.. ChunkOf(body.Span), .. "0\r\n\r\n"u8],
    };

    /// <summary>One chunk of chunked framing.</summary>
    public static byte[] ChunkOf(ReadOnlySpan<byte> data) =>
        [.. Encoding.ASCII.GetBytes(data.Length.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. data, .. "\r\n"u8];
}
