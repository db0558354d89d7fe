using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Upstreams;

/// <summary>One request as an upstream received it, byte for byte. It is recorded when its head is complete; the body follows.</summary>
public sealed class RecordedRequest
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ArrayBufferWriter<byte> _rawBody = new();
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly Lock _lock = new();

    internal RecordedRequest(RawUpstreamConnection connection, Http1Head head, byte[] headBytes)
    {
        Connection = connection;
        RequestLine = head.StartLine;
        HeaderLines = head.Headers;
        HeadBytes = headBytes;
        var parts = head.StartLine.Split(' ');
        Method = parts[0];
        Target = parts.Length > 1 ? string.Join(' ', parts[1..Math.Max(2, parts.Length - 1)]) : "";
    }

    /// <summary>The connection it came on.</summary>
    public RawUpstreamConnection Connection { get; }

    /// <summary>The first line, Latin-1, without CR LF.</summary>
    public string RequestLine { get; }

    /// <summary>The method as sent.</summary>
    public string Method { get; }

    /// <summary>The request target as sent.</summary>
    public string Target { get; }

    /// <summary>All header lines, in order.</summary>
    public HeaderLines HeaderLines { get; }

    /// <summary>The head as sent, with the empty line.</summary>
    public byte[] HeadBytes { get; }

    /// <summary>How the request ended; null while its body is being read.</summary>
    public ResponseEnd? End { get; private set; }

    /// <summary>The length of what has arrived of the body, without chunk framing.</summary>
    public long BodyLength { get; private set; }

    /// <summary>What has arrived of the body, without chunk framing; empty when the upstream keeps none.</summary>
    public byte[] Body => Copy(_body);

    /// <summary>What has arrived of the body, with its framing; empty when the upstream keeps none.</summary>
    public byte[] RawBody => Copy(_rawBody);

    /// <summary>The body as UTF-8.</summary>
    public string BodyText => Encoding.UTF8.GetString(Body);

    /// <summary>The body as JSON.</summary>
    public JsonDocument Json => JsonDocument.Parse(Body);

    /// <summary>The only value of that header, or null; several lines are an error.</summary>
    public string? Header(string name) => HeaderLines.Only(name);

    /// <summary>The values of all lines of that name.</summary>
    public IReadOnlyList<string> Headers(string name) => HeaderLines.All(name);

    /// <summary>Waits until the whole request has arrived, or was cut.</summary>
    public async Task<RecordedRequest> WaitForEndAsync(CancellationToken cancellationToken = default)
    {
        await Guard.RunAsync($"the end of {RequestLine}", async token => await _ended.Task.WaitAsync(token), cancellationToken);
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{RequestLine}\n{HeaderLines}\n\n{BodyText}\n({End?.ToString() ?? "open"})";

    internal void AddRaw(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _rawBody.Write(bytes);
        }
    }

    internal void AddBody(ReadOnlySpan<byte> bytes, bool keep)
    {
        lock (_lock)
        {
            BodyLength += bytes.Length;
            if (keep)
            {
                _body.Write(bytes);
            }
        }
    }

    internal void Finish(ResponseEnd end)
    {
        End = end;
        _ended.TrySetResult();
    }

    private byte[] Copy(ArrayBufferWriter<byte> stream)
    {
        lock (_lock)
        {
            return stream.WrittenSpan.ToArray();
        }
    }
}
