using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Demo.Serving;

/// <summary>
/// Objects in Kubernetes' protobuf encoding, as typed clients send them: a magic number, then <c>runtime.Unknown</c> with the object
/// inside. Field numbers are those of Kubernetes' <c>generated.proto</c> files; only the kinds that kubectl and helm create this way are known.
/// </summary>
internal static class ProtobufObject
{
    private static readonly byte[] _magic = "k8s\0"u8.ToArray();

    private enum FieldKind
    {
        Text,
        Bytes,
        Flag,
        Number,
        Message,
        TextMap,
        BytesMap,
    }

    private sealed record Field(string Name, FieldKind Kind, Dictionary<int, Field>? Fields = null, bool Repeated = false);

    private static readonly Dictionary<int, Field> _meta = new()
    {
        [1] = new("name", FieldKind.Text), [2] = new("generateName", FieldKind.Text), [3] = new("namespace", FieldKind.Text),
        [5] = new("uid", FieldKind.Text), [6] = new("resourceVersion", FieldKind.Text),
        [11] = new("labels", FieldKind.TextMap), [12] = new("annotations", FieldKind.TextMap), [14] = new("finalizers", FieldKind.Text, Repeated: true),
    };

    private static readonly Dictionary<int, Field> _access = new()
    {
        [1] = new("namespace", FieldKind.Text), [2] = new("verb", FieldKind.Text), [3] = new("group", FieldKind.Text), [4] = new("version", FieldKind.Text),
        [5] = new("resource", FieldKind.Text), [6] = new("subresource", FieldKind.Text), [7] = new("name", FieldKind.Text),
    };

    private static readonly Dictionary<string, Dictionary<int, Field>> _kinds = new(StringComparer.Ordinal)
    {
        ["Namespace"] = new() { [1] = Metadata(), [2] = new("spec", FieldKind.Message, new() { [1] = new("finalizers", FieldKind.Text, Repeated: true) }) },
        ["ConfigMap"] = new() { [1] = Metadata(), [2] = new("data", FieldKind.TextMap), [3] = new("binaryData", FieldKind.BytesMap), [4] = new("immutable", FieldKind.Flag) },
        ["Secret"] = new()
        {
            [1] = Metadata(), [2] = new("data", FieldKind.BytesMap), [3] = new("type", FieldKind.Text), [4] = new("stringData", FieldKind.TextMap), [5] = new("immutable", FieldKind.Flag),
        },
        ["ServiceAccount"] = new() { [1] = Metadata(), [4] = new("automountServiceAccountToken", FieldKind.Flag) },
        ["SelfSubjectAccessReview"] = new()
        {
            [1] = Metadata(), [2] = new("spec", FieldKind.Message, new() { [1] = new("resourceAttributes", FieldKind.Message, _access) }),
        },
        ["SelfSubjectReview"] = new() { [1] = Metadata() },
    };

    /// <summary>The object; null when the bytes are something else or a kind that is not known here.</summary>
    public static JsonObject? Parse(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(_magic))
        {
            return null;
        }

        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = default;
        var rest = bytes[_magic.Length..];
        while (Next(ref rest, out var number, out var payload, out _))
        {
            if (number == 1)
            {
                while (Next(ref payload, out var part, out var text, out _))
                {
                    (apiVersion, kind) = part == 1 ? (Encoding.UTF8.GetString(text), kind) : (apiVersion, Encoding.UTF8.GetString(text));
                }
            }
            else if (number == 2)
            {
                raw = payload;
            }
        }

        if (!_kinds.TryGetValue(kind, out var fields))
        {
            return null;
        }

        var value = Message(raw, fields);
        value["apiVersion"] = apiVersion;
        value["kind"] = kind;
        return value;
    }

    private static Field Metadata() => new("metadata", FieldKind.Message, _meta);

    private static JsonObject Message(ReadOnlySpan<byte> bytes, Dictionary<int, Field> fields)
    {
        var result = new JsonObject();
        while (Next(ref bytes, out var number, out var payload, out var scalar))
        {
            if (!fields.TryGetValue(number, out var field))
            {
                continue;
            }

            if (field.Kind is FieldKind.TextMap or FieldKind.BytesMap)
            {
                var entry = Message(payload, new() { [1] = new("key", FieldKind.Text), [2] = new("value", field.Kind is FieldKind.TextMap ? FieldKind.Text : FieldKind.Bytes) });
                var map = (JsonObject)(result[field.Name] ??= new JsonObject());
                map[entry["key"]?.GetValue<string>() ?? ""] = entry["value"]?.DeepClone() ?? "";
                continue;
            }

            JsonNode value = field.Kind switch
            {
                FieldKind.Text => Encoding.UTF8.GetString(payload),
                FieldKind.Bytes => Convert.ToBase64String(payload),
                FieldKind.Flag => scalar != 0,
                FieldKind.Number => (long)scalar,
                _ => Message(payload, field.Fields!),
            };
            // Kubernetes writes empty strings; in JSON they are left out.
            if (field.Repeated)
            {
                ((JsonArray)(result[field.Name] ??= new JsonArray())).Add(value);
            }
            else if (field.Kind is not FieldKind.Text || payload.Length > 0)
            {
                result[field.Name] = value;
            }
        }

        return result;
    }

    /// <summary>Takes the next field off <paramref name="bytes"/>; false at the end or where they are malformed.</summary>
    private static bool Next(scoped ref ReadOnlySpan<byte> bytes, out int number, out ReadOnlySpan<byte> payload, out ulong scalar)
    {
        payload = default;
        scalar = 0;
        number = 0;
        if (bytes.IsEmpty || !Varint(ref bytes, out var tag))
        {
            return false;
        }

        number = (int)(tag >> 3);
        if ((tag & 7) == 0)
        {
            return Varint(ref bytes, out scalar);
        }

        if ((tag & 7) != 2 || !Varint(ref bytes, out var length) || length > (ulong)bytes.Length)
        {
            return false;
        }

        payload = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return true;
    }

    private static bool Varint(scoped ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && !bytes.IsEmpty; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
