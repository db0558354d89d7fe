using System.Text;

namespace Fairlead.Testing.Telemetry;

/// <summary>A field of a message in protocol buffers' wire format.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Value">Its value, where it is a number.</param>
/// <param name="Bytes">Its bytes, where it has a length.</param>
public sealed record ProtoField(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Its bytes as text.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>The fields of a message.</summary>
    public static IEnumerable<ProtoField> Read(ReadOnlyMemory<byte> message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            var number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    yield return new(number, Varint(message, ref at), default);
                    break;

                case 1:
                    yield return new(number, BitConverter.ToUInt64(message.Span[at..(at + 8)]), default);
                    at += 8;
                    break;

                case 2:
                    var length = (int)Varint(message, ref at);
                    yield return new(number, 0, message[at..(at + length)]);
                    at += length;
                    break;

                case 5:
                    yield return new(number, BitConverter.ToUInt32(message.Span[at..(at + 4)]), default);
                    at += 4;
                    break;

                default:
                    throw new InvalidDataException($"wire type {key & 7}");
            }
        }
    }

    private static ulong Varint(ReadOnlyMemory<byte> message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var one = message.Span[at++];
            value |= (ulong)(one & 0x7f) << shift;
            if (one < 0x80)
            {
                return value;
            }
        }
    }
}
