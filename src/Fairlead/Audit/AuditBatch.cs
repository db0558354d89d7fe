using System.Buffers;

namespace Fairlead.Audit;

/// <summary>Lines that wait together, and are written at once.</summary>
internal sealed class AuditBatch
{
    private const int Size = 64 * 1024;

    private readonly byte[] _bytes;
    private int _length;

    /// <summary>Begins one, with a line of any length.</summary>
    public AuditBatch(ReadOnlySpan<byte> line)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(Size, line.Length));
        TryAdd(line);
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The lines.</summary>
    public ReadOnlyMemory<byte> Lines => _bytes.AsMemory(0, _length);

    /// <summary>Takes a line where there is room for it.</summary>
    public bool TryAdd(ReadOnlySpan<byte> line)
    {
        if (!line.TryCopyTo(_bytes.AsSpan(_length)))
        {
            return false;
        }

        _length += line.Length;
        Count++;
        return true;
    }

    /// <summary>Gives the memory back; the batch is used no more.</summary>
    public void Release() => ArrayPool<byte>.Shared.Return(_bytes);
}
