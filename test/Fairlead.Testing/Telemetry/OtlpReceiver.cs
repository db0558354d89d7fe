using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Testing.Telemetry;

/// <summary>A collector of traces and metrics on a real socket: OTLP over gRPC, or over HTTP with protocol buffers (OTLP specification 1).</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<OtlpSpan> _spans = new();
    private readonly ConcurrentQueue<byte[]> _metrics = new();
    private readonly ConcurrentQueue<IReadOnlyDictionary<string, string>> _headers = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>The spans that have come.</summary>
    public IReadOnlyList<OtlpSpan> Spans => [.. _spans];

    /// <summary>The messages with metrics that have come.</summary>
    public IReadOnlyList<byte[]> Metrics => [.. _metrics];

    /// <summary>The headers of all requests that have come.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Headers => [.. _headers];

    /// <summary>Where it is.</summary>
    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());

    /// <summary>Starts one.</summary>
    /// <param name="isGrpc">Whether it speaks gRPC.</param>
    /// <param name="certificate">Its certificate; null without TLS.</param>
    public static async Task<OtlpReceiver> StartAsync(bool isGrpc, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1;
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.Run(http => receiver.ReceiveAsync(http, isGrpc));
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Waits for the spans of a trace.</summary>
    /// <param name="traceId">The trace.</param>
    /// <param name="count">How many.</param>
    public async Task<IReadOnlyList<OtlpSpan>> TraceAsync(string traceId, int count)
    {
        await Eventually.BeTrueAsync(() => Of().Length >= count, $"{count} spans of the trace to come");
        return Of();

        OtlpSpan[] Of() => [.. Spans.Where(span => string.Equals(span.TraceId, traceId, StringComparison.Ordinal))];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext http, bool isGrpc)
    {
        _headers.Enqueue(http.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        using var memory = new MemoryStream();
        await http.Request.Body.CopyToAsync(memory, http.RequestAborted);
        var body = memory.ToArray();
        if (isGrpc)
        {
            // gRPC: one byte that says whether it is compressed, four of length, the message.
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1));
            body = body[0] == 0 ? body[5..(5 + length)] : throw new InvalidDataException("a compressed message");
        }
        else if (http.Request.Headers.ContentEncoding == "gzip")
        {
            using var plain = new MemoryStream();
            await using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
            await gzip.CopyToAsync(plain, http.RequestAborted);
            body = plain.ToArray();
        }

        switch (http.Request.Path.Value)
        {
            case "/v1/traces" when !isGrpc:
            case "/opentelemetry.proto.collector.trace.v1.TraceService/Export" when isGrpc:
                foreach (var span in OtlpSpan.Read(body))
                {
                    _spans.Enqueue(span);
                }

                break;

            case "/v1/metrics" when !isGrpc:
            case "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" when isGrpc:
                _metrics.Enqueue(body);
                break;

            default:
                http.Response.StatusCode = 404;
                return;
        }

        // An empty answer is a message in which nothing was rejected.
        http.Response.ContentType = isGrpc ? "application/grpc" : "application/x-protobuf";
        if (isGrpc)
        {
            http.Response.AppendTrailer("grpc-status", "0");
            await http.Response.Body.WriteAsync(new byte[5]);
        }
    }
}
