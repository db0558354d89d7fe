using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Audit;

/// <summary>The body of an answer, counted on its way; whichever way it is written.</summary>
/// <param name="body">The body.</param>
/// <param name="bytes">The counts.</param>
internal sealed class CountedResponse(IHttpResponseBodyFeature body, ByteCounts bytes) : CountedStream(body.Stream, bytes), IHttpResponseBodyFeature
{
    private PipeWriter? _writer;

    /// <inheritdoc/>
    public Stream Stream => this;

    /// <inheritdoc/>
    public PipeWriter Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    /// <inheritdoc/>
    public void DisableBuffering() => body.DisableBuffering();

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => body.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task CompleteAsync()
    {
        if (_writer is not null)
        {
            await _writer.CompleteAsync();
        }

        await body.CompleteAsync();
    }
}
