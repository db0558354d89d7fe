using System.Text;
using AwesomeAssertions;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Microsoft.AspNetCore.Http;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>A request as the cluster saw it, whichever protocol it came on.</summary>
internal sealed record SeenRequest(string Method, string Target, HeaderLines HeaderLines, byte[] Body)
{
    /// <summary>The only value of that header, or null.</summary>
    public string? Header(string name) => HeaderLines.Only(name);
}

/// <summary>A cluster that records and gives one answer, over HTTP/1.1 or HTTP/2, so that a test can say the same of both.</summary>
internal abstract class RecordingUpstream : IAsyncDisposable
{
    /// <summary>Scheme, address and port.</summary>
    public abstract string Url { get; }

    /// <summary>All requests so far.</summary>
    public abstract IReadOnlyList<SeenRequest> Requests { get; }

    /// <summary>How many connections were made.</summary>
    public abstract int Connections { get; }

    /// <summary>The only request.</summary>
    public SeenRequest Single => Requests.Should().ContainSingle().Subject;

    /// <summary>Starts one.</summary>
    public static async Task<RecordingUpstream> StartAsync(bool http2) => http2
        ? new OverHttp2(await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate))
        : new OverHttp11(new RawUpstream());

    /// <summary>Answers every later request so.</summary>
    public abstract void Answer(int status, string body, string contentType = "application/json", params HeaderLine[] headers);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    private sealed class OverHttp11 : RecordingUpstream
    {
        private readonly RawUpstream _upstream;
        private Func<string, RawAnswer> _answer = static _ => "";

        public OverHttp11(RawUpstream upstream)
        {
            _upstream = upstream;
            Answer(200, "{}");

            // A script holds for its connection's life; this one asks anew for every request on it.
            upstream.Respond(request => _answer(request.Method));
        }

        public override string Url => _upstream.Url;

        public override IReadOnlyList<SeenRequest> Requests =>
            [.. _upstream.Requests.Select(static seen => new SeenRequest(seen.Method, seen.Target, seen.HeaderLines, seen.Body))];

        public override int Connections => _upstream.ConnectionCount;

        public override void Answer(int status, string body, string contentType = "application/json", params HeaderLine[] headers)
        {
            string[] lines = [.. headers.Select(static line => $"{line.Name}: {line.Value}")];
            var toHead = (RawAnswer)RawAnswer.Head(status, [$"Content-Type: {contentType}", $"Content-Length: {body.Length}", .. lines]);
            var whole = RawAnswer.Text(status, body, contentType, lines);
            _answer = method => method is "HEAD" ? toHead : whole;
        }

        public override ValueTask DisposeAsync() => _upstream.DisposeAsync();
    }

    private sealed class OverHttp2 : RecordingUpstream
    {
        private readonly Http2Upstream _upstream;

        public OverHttp2(Http2Upstream upstream)
        {
            _upstream = upstream;
            Answer(200, "{}");
        }

        public override string Url => _upstream.Url;

        public override IReadOnlyList<SeenRequest> Requests
        {
            get
            {
                var requests = _upstream.Requests;
                requests.Should().OnlyContain(static seen => seen.Protocol == "HTTP/2");
                return [.. requests.Select(static seen => new SeenRequest(seen.Method, seen.Target, seen.HeaderLines, seen.Body))];
            }
        }

        public override int Connections => _upstream.ConnectionCount;

        public override void Answer(int status, string body, string contentType = "application/json", params HeaderLine[] headers) =>
            _upstream.Respond(async context =>
            {
                if (!await TryReadBodyAsync(context))
                {
                    return;
                }

                context.Response.StatusCode = status;
                context.Response.ContentType = contentType;
                context.Response.ContentLength = body.Length;
                foreach (var (name, value) in headers)
                {
                    context.Response.Headers[name] = value;
                }

                if (context.Request.Method is not "HEAD")
                {
                    await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(body));
                }
            });

        public override ValueTask DisposeAsync() => _upstream.DisposeAsync();

        private static async Task<bool> TryReadBodyAsync(HttpContext context)
        {
            try
            {
                await Http2Upstream.ReadBodyAsync(context);
                return true;
            }
            catch (IOException)
            {
                // The gateway gave the request up within its body; that may be what the test is about.
                return false;
            }
        }
    }
}
