using System.Buffers;
using System.Runtime.InteropServices;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fairlead.Kubernetes.Documents;

/// <summary>
/// Reads a YAML document into nodes with line numbers: one document per text, string keys, each key once, anchors and aliases,
/// no tags beyond the core schema's.
/// </summary>
public sealed class YamlDocument
{
    /// <summary>How many maps and lists stand in one another at most, aliases counted as what they stand for: as many as in JSON.</summary>
    public const int MaxDepth = 64;

    /// <summary>How many values a document holds at most, aliases counted as what they stand for.</summary>
    public const int MaxValues = 200_000;

    /// <summary>How many of them may come by aliases: what a short text can stand for ("billion laughs") stays small.</summary>
    public const int MaxAliasedValues = 20_000;

    /// <summary>How many characters of keys and values may come by aliases.</summary>
    public const int MaxAliasedText = 1_000_000;

    private const int MaxErrors = 100;
    private const string CoreTags = "tag:yaml.org,2002:";
    private const string NoTags = "tags are not supported; put a text that begins with ! in quotes";

    // The parser looks ahead for 1,024 characters, and where it meets more spaces at once it loses what comes after them without a word.
    private const int MaxSpaces = 1000;
    private static readonly string _tooManySpaces = new(' ', MaxSpaces + 1);
    private static readonly SearchValues<char> _lineBreaks = SearchValues.Create("\n\r\u0085\u2028\u2029");

    private readonly LongRuns _runs;
    private readonly Parser _parser;
    private readonly TextOrigin _start;
    private readonly List<DocumentError> _errors = [];
    private readonly Dictionary<string, Anchored> _anchors = new(StringComparer.Ordinal);
    private int _values;
    private int _text;
    private int _aliasedValues;
    private int _aliasedText;

    // The deepest level of maps and lists since the value that is being read began.
    private int _deepest;

    // Where that is, an index for the items of a list. Its text is made for an error only: of every value it would be far longer than the document.
    private readonly List<(string? Key, int Index)> _path = [];

    // Whether a key, or what stands before it, holds a run that was taken out: how long a key may be is for the parser to say, which has not seen it.
    private bool _hasRunInKey;

    private YamlDocument(LongRuns runs, TextOrigin start)
    {
        _runs = runs;
        _parser = new Parser(new StringReader(runs.Text));
        _start = start;
    }

    /// <summary>Reads <paramref name="text"/>. Never throws for what the text holds.</summary>
    /// <param name="text">The document.</param>
    /// <param name="source">The file's name for messages.</param>
    /// <param name="directory">The absolute directory that relative paths in the file start from.</param>
    public static DocumentResult Read(string text, string source, string directory)
    {
        ArgumentNullException.ThrowIfNull(text);
        var runs = LongRuns.In(text);
        var reader = new YamlDocument(runs, new TextOrigin(source, 0, directory));
        var result = reader.Read();

        // What the parser refuses without the runs it may take with them, which is for nobody else to say.
        return reader._hasRunInKey || (runs.Any && result.Errors.Count > 0) ? ReadWhole(text, source, directory) : result;
    }

    /// <summary>The same without a thought for long runs: what <see cref="Read(string, string, string)"/> has to give.</summary>
    internal static DocumentResult ReadWhole(string text, string source, string directory) => new YamlDocument(LongRuns.None(text), new TextOrigin(source, 0, directory)).Read();

    private DocumentResult Read()
    {
        if (_runs.Text.IndexOf(_tooManySpaces, StringComparison.Ordinal) is >= 0 and var spaces)
        {
            return new DocumentResult(null, [new DocumentError("", $"more than {MaxSpaces} spaces stand in a row", _start with { Line = 1 + _runs.Text.AsSpan(0, spaces).Count('\n') })]);
        }

        // The parser looks for the end of an unknown directive's line two billion times where the text ends with it, after a multiple of 1,024 characters.
        var lastLine = _runs.Text.AsSpan(_runs.Text.AsSpan().LastIndexOfAny(_lineBreaks) + 1).TrimStart('\uFEFF');
        if (lastLine.StartsWith('%'))
        {
            return new DocumentResult(null, [new DocumentError("", "the last line is a directive (%), without a document", _start with { Line = 1 + _runs.Text.AsSpan().Count('\n') })]);
        }

        try
        {
            return new DocumentResult(ReadStream(), _errors);
        }
        catch (FormatException)
        {
            _errors.Add(new DocumentError("", "not valid YAML", _start));
            return new DocumentResult(null, _errors);
        }
        catch (YamlException e)
        {
            _errors.Add(new DocumentError("", Reason(e), At(e.Start)));
            return new DocumentResult(null, _errors);
        }
    }

    private DocumentNode? ReadStream()
    {
        Next();
        Next();
        if (_parser.Current is not DocumentStart start)
        {
            return null;
        }

        // The parser puts the prefix before each tag that has it, whatever its length.
        if (start.Tags is { } prefixes && prefixes.Any(static prefix => prefix is not ({ Handle: "!", Prefix: "!" } or { Handle: "!!", Prefix: CoreTags })))
        {
            throw Refuse(start.Start, "%TAG is not supported, and no tag beyond the core schema's");
        }

        Next();
        var root = ReadNode(0);
        Next();
        if (_parser.Current is DocumentStart second)
        {
            throw Refuse(second.Start, "a second document begins here; put it into a file of its own");
        }

        return root;
    }

    private DocumentNode ReadNode(int depth)
    {
        if (_parser.Current is AnchorAlias alias)
        {
            return ReadAlias(alias, depth);
        }

        // The parser gives no value at all for some malformed maps, such as one whose key is empty.
        if (_parser.Current is not NodeEvent node)
        {
            throw Refuse(_parser.Current!.Start, "a value is missing");
        }

        Count(1, node.Start);
        var (values, text, outside) = (_values, _text, _deepest);
        _deepest = depth;
        if (node is not Scalar)
        {
            Descend(depth + 1, node.Start);
        }

        DocumentNode value = node switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart sequence => ReadList(sequence, depth),
            _ => ReadMap((MappingStart)node, depth),
        };
        if (!node.Anchor.IsEmpty)
        {
            _anchors[node.Anchor.Value] = new Anchored(value, _values - values + 1, _text - text, _deepest - depth);
        }

        _deepest = Math.Max(_deepest, outside);
        return value;
    }

    private DocumentNode ReadAlias(AnchorAlias alias, int depth)
    {
        // The name may be a password that was meant to be quoted, so it is not repeated.
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchored))
        {
            throw Refuse(alias.Start, "an alias (*name) stands here without an anchor (&name) before it; put a text that begins with * in quotes");
        }

        Count(anchored.Values, alias.Start);
        _text += anchored.Text;
        _aliasedValues += anchored.Values;
        _aliasedText += anchored.Text;
        if (_aliasedValues > MaxAliasedValues || _aliasedText > MaxAliasedText)
        {
            throw Refuse(alias.Start, $"aliases (*name) stand for more than {MaxAliasedValues} values, or {MaxAliasedText} characters; write them out, or use fewer");
        }

        Descend(depth + anchored.Levels, alias.Start);
        Next();
        return anchored.Node;
    }

    private ScalarNode ReadScalar(Scalar scalar)
    {
        var value = _runs.Restore(scalar.Value);
        _text += value.Length;
        var type = scalar.Style == ScalarStyle.Plain ? CoreSchema.TypeOf(value) : ScalarKind.Text;
        if (!scalar.Tag.IsEmpty)
        {
            type = scalar.Tag.Value switch
            {
                "!" or $"{CoreTags}str" => ScalarKind.Text,
                $"{CoreTags}int" or $"{CoreTags}float" => ScalarKind.Number,
                $"{CoreTags}bool" => ScalarKind.Boolean,
                $"{CoreTags}null" => ScalarKind.Null,
                _ => throw Refuse(scalar.Start, NoTags),
            };
            if (type is not ScalarKind.Text && type != CoreSchema.TypeOf(value))
            {
                throw Refuse(scalar.Start, "the value is not what its tag says");
            }
        }

        var node = new ScalarNode(value, type, At(scalar.Start));
        Next();
        return node;
    }

    private ListNode ReadList(SequenceStart start, int depth)
    {
        CheckTag(start.Tag, "seq", start.Start);
        var items = new List<DocumentNode>();
        Next();
        while (_parser.Current is not SequenceEnd)
        {
            _path.Add((null, items.Count));
            items.Add(ReadNode(depth + 1));
            _path.RemoveAt(depth);
        }

        Next();
        return new ListNode(items, At(start.Start));
    }

    private MapNode ReadMap(MappingStart start, int depth)
    {
        CheckTag(start.Tag, "map", start.Start);
        var entries = new List<MapEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        Next();
        while (_parser.Current is not MappingEnd)
        {
            if (_parser.Current is not Scalar scalar)
            {
                throw Refuse(_parser.Current!.Start, "a key has to be a plain text");
            }

            CheckTag(scalar.Tag, "str", scalar.Start);
            if (!scalar.Anchor.IsEmpty)
            {
                throw Refuse(scalar.Start, "a key must not have an anchor (&name); put a text that begins with & in quotes");
            }

            var (key, origin) = (_runs.Restore(scalar.Value), At(scalar.Start));
            _text += key.Length;
            _hasRunInKey |= _runs.IsIn(scalar.Value);
            _path.Add((key, 0));
            Next();
            var value = ReadNode(depth + 1);
            if (lines.TryAdd(key, origin.Line))
            {
                entries.Add(new MapEntry(key, origin, value));
            }
            else
            {
                _errors.Add(new DocumentError(Path(), $"the key is written twice; it stands on line {lines[key]} already", origin));
                if (_errors.Count > MaxErrors)
                {
                    throw Refuse(scalar.Start, "more keys are written twice than a message can list");
                }
            }

            _path.RemoveAt(depth);
        }

        Next();
        return new MapNode(entries, At(start.Start));
    }

    private void Next()
    {
        bool more;
        try
        {
            more = _parser.MoveNext();
        }
        catch (Exception e) when (e is not YamlException)
        {
            // Fuzzing found InvalidOperationException (a "..." line before a tag) and others; all of them mean malformed text.
            throw Refuse(_parser.Current?.End ?? Mark.Empty, "not valid YAML: look at indentation, quotes and brackets around this line");
        }

        if (!more)
        {
            throw Refuse(_parser.Current?.End ?? Mark.Empty, "the document ends too early");
        }
    }

    private static void CheckTag(TagName tag, string known, Mark at)
    {
        if (!tag.IsEmpty && tag.Value is not "!" && !string.Equals(tag.Value, CoreTags + known, StringComparison.Ordinal))
        {
            throw Refuse(at, NoTags);
        }
    }

    private void Count(int values, Mark at)
    {
        _values += values;
        if (_values > MaxValues)
        {
            throw Refuse(at, $"the document has more than {MaxValues} values");
        }
    }

    private void Descend(int levels, Mark at)
    {
        if (levels > MaxDepth)
        {
            throw Refuse(at, $"values are nested more than {MaxDepth} levels deep");
        }

        _deepest = Math.Max(_deepest, levels);
    }

    private string Path() => _path.Aggregate("", static (parent, step) => step.Key is { } key ? NodePath.Key(parent, key) : NodePath.Index(parent, step.Index));

    private TextOrigin At(Mark mark) => _start with { Line = (int)Math.Clamp(mark.Line, 1, int.MaxValue) };

    private static RefusedDocumentException Refuse(Mark at, string reason) => new RefusedDocumentException(at, reason);

    // The scanner's own reasons are fixed texts, but for those that quote the document; a quotation may be a secret.
    private static string Reason(YamlException e) => e switch
    {
        RefusedDocumentException => e.Message,
        SyntaxErrorException or SemanticErrorException when e.Message.StartsWith("While ", StringComparison.Ordinal)
            => $"not valid YAML: {char.ToLowerInvariant(e.Message[0])}{e.Message[1..].TrimEnd('.')}",
        _ => "not valid YAML: look at indentation, quotes and brackets around this line",
    };

    /// <param name="Node">What the anchor names.</param>
    /// <param name="Values">How many values that is.</param>
    /// <param name="Text">How many characters of keys and values it has.</param>
    /// <param name="Levels">How many maps and lists stand in one another there.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Anchored(DocumentNode Node, int Values, int Text, int Levels);

    private sealed class RefusedDocumentException(Mark at, string reason) : YamlException(at, at, reason);
}
