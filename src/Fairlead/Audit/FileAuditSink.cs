using Fairlead.Configuration;

namespace Fairlead.Audit;

/// <summary>
/// A file that only its owner reads. It is opened for each batch, so that a program that renames it or takes it away (logrotate) needs to tell nobody; above its
/// size it is renamed here.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="maxSize">The size in bytes above which it is renamed; null for none.</param>
/// <param name="rotated">The renamed ones.</param>
internal sealed class FileAuditSink(string path, long? maxSize, RotatedFiles rotated) : IAuditSink
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <inheritdoc/>
    public string Name => "file";

    /// <summary>The sink for a configuration that names a file.</summary>
    public static FileAuditSink For(AuditOptions options, TimeProvider time, ILogger<RotatedFiles> logger) =>
        new(options.File!, options.MaxSize, new RotatedFiles(options.File!, options.MaxFiles, options.MaxAge, time, logger));

    /// <inheritdoc/>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> lines)
    {
        rotated.Sweep();
        var stream = Open();
        try
        {
            if (Length(stream) is > 0 and var length && length + lines.Length > maxSize && rotated.TryRotate())
            {
                await stream.DisposeAsync();
                stream = Open();
            }

            await AppendAsync(stream, lines);
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    private static async ValueTask AppendAsync(FileStream stream, ReadOnlyMemory<byte> lines)
    {
        var end = Length(stream);
        try
        {
            await stream.WriteAsync(lines);
        }
        catch when (stream.CanSeek)
        {
            // A full disk takes a part of the batch: without this the next try would go on behind a torn line and write the rest twice.
            stream.SetLength(end);
            throw;
        }
    }

    private static long Length(FileStream stream) => stream.CanSeek ? stream.Length : 0;

    private FileStream Open() => new(path, new FileStreamOptions
    {
        Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0, UnixCreateMode = OperatingSystem.IsWindows() ? null : OwnerOnly,
    });
}
