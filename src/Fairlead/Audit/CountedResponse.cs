using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Audit;

/// <summary>The body of an answer, counted on its way; whichever way it is written.</summary>
/// <param name="body">The body.</param>
/// <param name="bytes">The counts.</param>
internal sealed class CountedResponse(IHttpResponseBodyFeature body, ByteCounts bytes) : CountedStream(body.Stream, bytes), IHttpResponseBodyFeature
{
    private CountedWriter? _writer;

    /// <inheritdoc/>
    public Stream Stream => this;

    /// <inheritdoc/>
    public PipeWriter Writer => _writer ??= new CountedWriter(body.Writer, Bytes);

    /// <inheritdoc/>
    public void DisableBuffering() => body.DisableBuffering();

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => body.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task CompleteAsync() => body.CompleteAsync();

    private sealed class CountedWriter(PipeWriter writer, ByteCounts bytes) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => writer.CanGetUnflushedBytes;

        public override long UnflushedBytes => writer.UnflushedBytes;

        public override void Advance(int count)
        {
            bytes.Gave(count);
            writer.Advance(count);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => writer.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => writer.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => writer.CompleteAsync(exception);
    }
}
