using System.Globalization;

namespace Fairlead.Testing.Telemetry;

/// <summary>A span as it came over OTLP (opentelemetry-proto, <c>trace/v1/trace.proto</c>).</summary>
/// <param name="TraceId">The trace, in hex.</param>
/// <param name="SpanId">The span, in hex.</param>
/// <param name="ParentId">The parent, in hex; empty for none.</param>
/// <param name="State">The trace state.</param>
/// <param name="Name">The name.</param>
/// <param name="Kind">2 for a server's, 3 for a client's.</param>
/// <param name="Attributes">The attributes, as text.</param>
/// <param name="IsError">Whether it failed.</param>
/// <param name="Resource">The attributes of the resource, as text.</param>
public sealed record OtlpSpan(
    string TraceId, string SpanId, string ParentId, string State, string Name, int Kind, IReadOnlyDictionary<string, string> Attributes, bool IsError, IReadOnlyDictionary<string, string> Resource)
{
    /// <summary>The spans of a request to export traces.</summary>
    public static IEnumerable<OtlpSpan> Read(ReadOnlyMemory<byte> message)
    {
        foreach (var resourceSpans in ProtoField.Read(message).Where(static field => field.Number == 1))
        {
            var parts = ProtoField.Read(resourceSpans.Bytes).ToArray();
            var resource = AttributesOf(parts.Where(static field => field.Number == 1).SelectMany(static field => ProtoField.Read(field.Bytes)), 1);
            foreach (var span in parts.Where(static field => field.Number == 2).SelectMany(static scope => ProtoField.Read(scope.Bytes)).Where(static field => field.Number == 2))
            {
                yield return One(ProtoField.Read(span.Bytes).ToArray(), resource);
            }
        }
    }

    private static OtlpSpan One(ProtoField[] fields, IReadOnlyDictionary<string, string> resource) => new(
        Hex(fields, 1), Hex(fields, 2), Hex(fields, 4), Text(fields, 3), Text(fields, 5), (int)(fields.FirstOrDefault(static field => field.Number == 6)?.Value ?? 0), AttributesOf(fields, 9),
        fields.Where(static field => field.Number == 15).SelectMany(static status => ProtoField.Read(status.Bytes)).Any(static field => field is { Number: 3, Value: 2 }), resource);

    private static string Hex(ProtoField[] fields, int number) => fields.FirstOrDefault(field => field.Number == number) is { } field ? Convert.ToHexStringLower(field.Bytes.Span) : "";

    private static string Text(ProtoField[] fields, int number) => fields.FirstOrDefault(field => field.Number == number)?.Text ?? "";

    private static Dictionary<string, string> AttributesOf(IEnumerable<ProtoField> fields, int number)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in fields.Where(field => field.Number == number))
        {
            var parts = ProtoField.Read(pair.Bytes).ToArray();
            var value = ProtoField.Read(parts.Single(static part => part.Number == 2).Bytes).Single();
            attributes[parts.Single(static part => part.Number == 1).Text] = value.Number == 1 ? value.Text : value.Value.ToString(CultureInfo.InvariantCulture);
        }

        return attributes;
    }
}
