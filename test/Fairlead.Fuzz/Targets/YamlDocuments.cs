using Fairlead.Kubernetes.Documents;

namespace Fairlead.Fuzz.Targets;

/// <summary>YAML, read with the long runs of base64 taken out and with them in, and printed as JSON. An input is a document.</summary>
internal static class YamlDocuments
{
    /// <summary>Reads one document.</summary>
    public static bool Attack(byte[] input)
    {
        var text = InputText.Utf8(input);
        var asJson = JsonText.Read(text, new TextOrigin("json", 0, "/"));
        Invariant.Holds(asJson.Root is null == asJson.Errors.Count > 0, "JSON gives a document and errors, or neither");
        var read = YamlDocument.Read(text, "fuzz", "/");
        Invariant.Holds(read.Errors.All(static error => error.Message.Length > 0 && error.Origin.Line >= 0), "an error says nothing");
        var whole = YamlDocument.ReadWhole(text, "fuzz", "/");
        Invariant.Holds(read.Errors.Count > 0 == whole.Errors.Count > 0 && IsSame(read.Root, whole.Root), "long runs of base64 change the document");
        if (read.Errors.Count > 0)
        {
            return false;
        }

        if (read.Root is not { } root)
        {
            return true;
        }

        Invariant.Holds(Count(root, 0) <= YamlDocument.MaxValues, "the document has too many values");
        var json = JsonText.Read(JsonText.Of(root), new TextOrigin("json", 0, "/"));
        Invariant.Holds(json.Root is not null, "the JSON of a document is none");
        Invariant.Same(JsonText.Of(json.Root), JsonText.Of(root), "JSON that was read again");
        return true;
    }

    private static int Count(DocumentNode node, int depth)
    {
        Invariant.Holds(depth < YamlDocument.MaxDepth || node is ScalarNode, "the document is nested too deep");
        return 1 + node switch
        {
            ListNode list => list.Items.Sum(item => Count(item, depth + 1)),
            MapNode map => map.Entries.Sum(entry => Count(entry.Value, depth + 1)),
            _ => 0,
        };
    }

    private static bool IsSame(DocumentNode? left, DocumentNode? right) => left?.Origin.Line == right?.Origin.Line && (left, right) switch
    {
        (null, null) => true,
        (ScalarNode one, ScalarNode two) => string.Equals(one.Text, two.Text, StringComparison.Ordinal) && one.Type == two.Type,
        (ListNode one, ListNode two) => one.Items.Count == two.Items.Count && one.Items.Zip(two.Items).All(static pair => IsSame(pair.First, pair.Second)),
        (MapNode one, MapNode two) => one.Entries.Count == two.Entries.Count && one.Entries.Zip(two.Entries).All(static pair =>
            string.Equals(pair.First.Key, pair.Second.Key, StringComparison.Ordinal) && pair.First.Origin.Line == pair.Second.Origin.Line && IsSame(pair.First.Value, pair.Second.Value)),
        _ => false,
    };
}
