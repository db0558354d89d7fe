using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using Fairlead.Audit;

namespace Fairlead.Tests.Audit;

/// <summary>A pipe that does not wait for its reader: when it is full it takes a part of a write, and then none.</summary>
public sealed class DescriptorAuditSinkTests : AuditSinkContract, IDisposable
{
    private const int SetFlags = 4;
    private const int NonBlocking = 0x800;

    private readonly AnonymousPipeServerStream _reader = new(PipeDirection.In);
    private readonly MemoryStream _read = new();
    private readonly Microsoft.Win32.SafeHandles.SafePipeHandle _writer;
    private Task? _reading;

    public DescriptorAuditSinkTests()
    {
        _writer = _reader.ClientSafePipeHandle;
        var descriptor = (int)_writer.DangerousGetHandle();
        if (Control(descriptor, SetFlags, NonBlocking) != 0)
        {
            throw new InvalidOperationException(Marshal.GetLastPInvokeErrorMessage());
        }

        Sink = new DescriptorAuditSink(descriptor);
    }

    private protected override IAuditSink Sink { get; }

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
        _read.Dispose();
    }

    protected override void Break()
    {
        // Nobody reads, and it holds 64 KiB.
    }

    protected override void Mend() => _reading = _reader.CopyToAsync(_read);

    protected override async Task<string> WrittenAsync()
    {
        _reading ??= _reader.CopyToAsync(_read);
        _writer.Dispose();
        await _reading.WaitAsync(Fairlead.Testing.Guard.Limit);
        return Encoding.UTF8.GetString(_read.ToArray());
    }

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int descriptor, int command, int flags);
}
