using System.Globalization;
using System.Text;
using Fairlead.Testing.Clients;

namespace Fairlead.Testing.Upstreams;

/// <summary>What an upstream does with its connection once the bytes of an answer are written.</summary>
public enum AfterAnswer
{
    /// <summary>Reads the next request.</summary>
    KeepOpen,

    /// <summary>Closes (FIN).</summary>
    Close,

    /// <summary>Aborts (RST).</summary>
    Reset,
}

/// <summary>The bytes of an answer, right or wrong, and what follows them.</summary>
public sealed record RawAnswer(ReadOnlyMemory<byte> Bytes, AfterAnswer Then = AfterAnswer.KeepOpen)
{
    /// <summary>Bytes as they stand.</summary>
    public static implicit operator RawAnswer(byte[] bytes) => new(new ReadOnlyMemory<byte>(bytes));

    /// <summary>Text as it stands, one character one byte.</summary>
    public static implicit operator RawAnswer(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>A whole answer with Content-Length; header lines as <c>"Name: value"</c>.</summary>
    public static RawAnswer Text(int status, string body, string contentType = "text/plain", params string[] headers)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = Head(status, [$"Content-Type: {contentType}", string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes.Length}"), .. headers]);
        return Join(head, bytes);
    }

    /// <summary>A whole JSON answer with Content-Length.</summary>
    public static RawAnswer Json(int status, string body, params string[] headers) => Text(status, body, "application/json", headers);

    /// <summary>A whole answer in chunks, one for each piece.</summary>
    public static RawAnswer Chunked(int status, params string[] pieces) =>
        Join(ChunkedHead(status), [.. pieces.SelectMany(Chunk), .. LastChunk]);

    /// <summary>Content-Length says more than is sent, then the connection is closed or reset.</summary>
    public static RawAnswer Truncated(int contentLength, string body, AfterAnswer then = AfterAnswer.Close) =>
        (RawAnswer)(Head(200, string.Create(CultureInfo.InvariantCulture, $"Content-Length: {contentLength}")) + body) with { Then = then };

    /// <summary>Chunks without the last one, then the connection is closed or reset.</summary>
    public static RawAnswer TruncatedChunked(AfterAnswer then, params string[] pieces) =>
        Join(ChunkedHead(200), [.. pieces.SelectMany(Chunk)]) with { Then = then };

    /// <summary>No byte at all: the connection is closed or reset.</summary>
    public static RawAnswer Nothing(AfterAnswer then = AfterAnswer.Close) => new(ReadOnlyMemory<byte>.Empty, then);

    /// <summary>A head alone, with its empty line.</summary>
    public static string Head(int status, params string[] headers) =>
        string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {Reason(status)}\r\n{string.Concat(headers.Select(line => line + "\r\n"))}\r\n");

    /// <summary>The head of a chunked answer; <see cref="Chunk"/> and <see cref="LastChunk"/> go with it.</summary>
    public static string ChunkedHead(int status, params string[] headers) =>
        Head(status, ["Content-Type: application/json", "Transfer-Encoding: chunked", .. headers]);

    /// <summary>One chunk.</summary>
    public static byte[] Chunk(string text) => RawRequest.ChunkOf(Encoding.UTF8.GetBytes(text));

    /// <summary>The chunk that ends a chunked body.</summary>
    public static byte[] LastChunk => "0\r\n\r\n"u8.ToArray();

    private static RawAnswer Join(string head, byte[] body) => (byte[])[.. Encoding.Latin1.GetBytes(head), .. body];

    private static string Reason(int status) => status switch
    {
        101 => "Switching Protocols",
        200 => "OK",
        _ => Enum.GetName((System.Net.HttpStatusCode)status) ?? "Unnamed",
    };
}
