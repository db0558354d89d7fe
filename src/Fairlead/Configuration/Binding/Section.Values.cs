using System.Globalization;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

internal sealed partial class Section
{
    /// <summary>A string that is not empty.</summary>
    public string? Text(string key) => Item(key)?.Value;

    /// <summary>A string that may be empty; null where the key is absent.</summary>
    public string? AnyText(string key)
    {
        switch (Node(key))
        {
            case null:
                return null;

            case ScalarNode { Type: ScalarKind.Text } scalar:
                return scalar.Text;

            case { } other:
                WrongType(key, "a string", other);
                return null;
        }
    }

    /// <summary>A string that has to be there and not be empty.</summary>
    public string? RequiredText(string key, string hint = "")
    {
        if (!Has(key))
        {
            Missing(key, hint);
        }

        return Text(key);
    }

    /// <summary>A string with its place.</summary>
    public TextItem? Item(string key) => Node(key) is { } node ? AsText(node, PathOf(key), Context) : null;

    /// <summary>A file's path, absolute. Whether the file exists is not asked (decision 24).</summary>
    public string? FilePath(string key)
    {
        if (Item(key) is not { } item)
        {
            return null;
        }

        if (item.FullPath() is { } full)
        {
            return full;
        }

        Error(key, "is not a file path");
        return null;
    }

    /// <summary>One of several words, exactly as listed.</summary>
    public string? Choice(string key, params ReadOnlySpan<string> words)
    {
        if (Text(key) is not { } text || words.Contains(text))
        {
            return Text(key);
        }

        Error(key, $"has to be one of {string.Join(", ", words)}");
        return null;
    }

    /// <summary>A boolean. A string counts too, since <c>${VAR}</c> always gives one (Backstage's reader takes the same words).</summary>
    public bool? Flag(string key)
    {
        switch (Node(key))
        {
            case null:
                return null;

            case ScalarNode { Type: ScalarKind.Boolean or ScalarKind.Text } scalar when Truth(scalar.Text) is { } truth:
                return truth;

            case { } other:
                WrongType(key, "true or false", other);
                return null;
        }
    }

    /// <summary>An integer between two bounds. A string counts too.</summary>
    public long? Number(string key, long min, long max)
    {
        switch (Node(key))
        {
            case null:
                return null;

            case ScalarNode { Type: ScalarKind.Number or ScalarKind.Text } scalar
                when long.TryParse(scalar.Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                if (number >= min && number <= max)
                {
                    return number;
                }

                Error(key, string.Create(CultureInfo.InvariantCulture, $"has to be between {min} and {max}"));
                return null;

            case { } other:
                WrongType(key, "a whole number", other);
                return null;
        }
    }

    /// <summary>A number of bytes between two bounds, plain or as <c>64Ki</c>, <c>100Mi</c>, <c>2Gi</c>.</summary>
    public long? Bytes(string key, long min, long max)
    {
        if (Node(key) is not ScalarNode { Type: ScalarKind.Text } scalar || scalar.Text.Trim() is not { Length: > 2 } text || text[^1] is not 'i')
        {
            return Number(key, min, max);
        }

        var shift = text[^2] switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        if (shift == 0 || !long.TryParse(text.AsSpan(0, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue >> shift)
        {
            Error(key, "has to be a number of bytes, or one with Ki, Mi or Gi such as 100Mi");
            return null;
        }

        var bytes = number << shift;
        if (bytes >= min && bytes <= max)
        {
            return bytes;
        }

        Error(key, string.Create(CultureInfo.InvariantCulture, $"has to be between {min} and {max} bytes"));
        return null;
    }

    /// <summary>A duration such as <c>500ms</c>, <c>15s</c>, <c>2m</c>, <c>1h</c>.</summary>
    public TimeSpan? Duration(string key, TimeSpan min, TimeSpan max)
    {
        if (Node(key) is not { } node)
        {
            return null;
        }

        if (node is not ScalarNode scalar || Span(scalar.Text.Trim()) is not { } span)
        {
            Error(key, "has to be a duration such as 500ms, 15s, 2m or 1h");
            return null;
        }

        if (span >= min && span <= max)
        {
            return span;
        }

        Error(key, $"has to be between {Show(min)} and {Show(max)}");
        return null;
    }

    private static TextItem? AsText(DocumentNode node, string path, BindingContext context)
    {
        switch (node)
        {
            case ScalarNode { Type: ScalarKind.Text, Text.Length: > 0 } scalar:
                return new TextItem(scalar.Text, path, scalar.Origin);

            case ScalarNode { Type: ScalarKind.Text }:
                context.Errors.Add(path, "must not be empty", node.Origin);
                return null;

            default:
                WrongType(path, "a string", node, context);
                return null;
        }
    }

    private static bool? Truth(string text) => text.Trim().ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "Y" or "ON" or "1" => true,
        "FALSE" or "NO" or "N" or "OFF" or "0" => false,
        _ => null,
    };

    private static TimeSpan? Span(string text)
    {
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits is < 1 or > 9)
        {
            return null;
        }

        var count = long.Parse(text.AsSpan(0, digits), CultureInfo.InvariantCulture);
        return text[digits..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(count),
            "s" => TimeSpan.FromSeconds(count),
            "m" => TimeSpan.FromMinutes(count),
            "h" => TimeSpan.FromHours(count),
            _ => null,
        };
    }

    private static string Show(TimeSpan span)
    {
        var (count, unit) = span < TimeSpan.FromSeconds(1) ? (span.TotalMilliseconds, "ms")
            : span < TimeSpan.FromHours(1) ? (span.TotalSeconds, "s")
            : (span.TotalHours, "h");
        return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
    }
}
