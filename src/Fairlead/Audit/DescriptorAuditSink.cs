using System.Runtime.InteropServices;

namespace Fairlead.Audit;

/// <summary>
/// An open descriptor: standard output. Written to by the system call, because the runtime's own streams hide a reader that is gone and keep a place in a file that others
/// write to as well. What was taken of a batch that failed is not written again.
/// </summary>
/// <param name="descriptor">The descriptor.</param>
internal sealed class DescriptorAuditSink(int descriptor) : IAuditSink
{
    private const int Interrupted = 4;
    private int _written;

    /// <summary>Standard output.</summary>
    public static DescriptorAuditSink StandardOutput() => new(1);

    /// <inheritdoc/>
    public string Name => "standard output";

    /// <inheritdoc/>
    public ValueTask AppendAsync(ReadOnlyMemory<byte> lines)
    {
        while (_written < lines.Length)
        {
            var rest = lines.Span[_written..];
            var count = Write(descriptor, ref MemoryMarshal.GetReference(rest), (nuint)rest.Length);
            if (count > 0)
            {
                _written += (int)count;
            }
            else if (count == 0 || Marshal.GetLastPInvokeError() is not Interrupted)
            {
                throw new IOException(Marshal.GetLastPInvokeErrorMessage());
            }
        }

        _written = 0;
        return default;
    }

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Write(int descriptor, ref byte bytes, nuint count);
}
