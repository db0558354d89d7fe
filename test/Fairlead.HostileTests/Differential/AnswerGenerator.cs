using System.Text;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;

namespace Fairlead.HostileTests.Differential;

/// <summary>Answers of an upstream from a seed, all of them well-formed.</summary>
internal sealed class AnswerGenerator(Random random)
{
    private static readonly int[] _statuses = [200, 200, 200, 201, 202, 204, 206, 226, 299, 300, 304, 400, 401, 403, 404, 405, 409, 410, 416, 422, 429, 451, 500, 501, 502, 503, 504, 511, 599];

    private static readonly string[] _headers =
    [
        "ETag", "Last-Modified", "Vary", "Warning", "Audit-Id", "X-Kubernetes-PF-FlowSchema-UID", "Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Retry-After", "Allow", "Accept-Ranges", "Link",
        "X-Test", "x-test", "X-Custom_Header", "Server", "Via", "Age", "Location", "X-Forwarded-For", "Authorization", "!#$%&'*+-.^_`|~9", "Fairlead-Transport", "X-Accel-Buffering", "Cross-Origin-Opener-Policy",
        // They would speak for the gateway's origin.
        "Set-Cookie", "Set-Cookie2", "Clear-Site-Data", "Strict-Transport-Security", "Alt-Svc", "Service-Worker-Allowed", "Access-Control-Allow-Origin", "Access-Control-Allow-Anything", "Report-To", "Reporting-Endpoints", "NEL", "Refresh",
        "Proxy-Status", "Proxy-Authenticate", "Keep-Alive", "X-Content-Type-Options", "Content-Security-Policy", "X-Reload", "CDN-Cache-Control",
    ];

    private static readonly string[] _caches = ["no-store", "max-age=5, public", "private=\"x, y\", no-cache", "s-maxage=1", "no-cache"];

    /// <summary>The next answer.</summary>
    public RawAnswer Next()
    {
        var status = _statuses[random.Next(_statuses.Length)];
        var lines = Enumerable.Range(0, random.Next(8)).Select(_ => Line(Pick(_headers))).ToList();
        if (random.Next(3) == 0)
        {
            lines.Add($"Cache-Control: {Pick(_caches)}");
        }

        if (random.Next(6) == 0)
        {
            lines.Add("Connection: X-Hop, keep-alive");
            lines.Add("X-Hop: gone");
        }

        var body = new byte[status is 204 or 304 ? 0 : random.Next(4) == 0 ? random.Next(100_000) : random.Next(100)];
        random.NextBytes(body);
        var isChunked = status is not (204 or 304) && random.Next(2) == 0;
        if (status is not (204 or 304))
        {
            lines.Add(isChunked ? "Transfer-Encoding: chunked" : $"Content-Length: {body.Length}");
        }

        return new RawAnswer((byte[])[.. Encoding.Latin1.GetBytes(RawAnswer.Head(status, [.. lines])), .. isChunked ? Chunks(body) : body]);
    }

    private byte[] Chunks(byte[] body)
    {
        using var chunks = new MemoryStream();
        for (var at = 0; at < body.Length;)
        {
            var length = Math.Min(body.Length - at, random.Next(1, 30_000));
            chunks.Write(RawRequest.ChunkOf(body.AsSpan(at, length)));
            at += length;
        }

        chunks.Write(RawAnswer.LastChunk);
        return chunks.ToArray();
    }

    /// <summary>Redirects lead elsewhere; those to the upstream's own paths are rewritten, which has tests of its own.</summary>
    private string Line(string name) => $"{name}: {(name is "Location" ? "https://elsewhere.example/" : "")}{Value()}";

    /// <summary>Visible characters, also of Latin-1, with which a value neither begins nor ends in a blank.</summary>
    private string Value() => new string([.. Enumerable.Range(0, random.Next(30)).Select(_ => (char)(random.Next(10) == 0 ? random.Next(0xA1, 0x100) : random.Next(' ', '\x7f')))]).Trim();

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
