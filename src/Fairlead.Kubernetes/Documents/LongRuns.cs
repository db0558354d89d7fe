using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fairlead.Kubernetes.Documents;

/// <summary>
/// Keeps long runs of base64 out of the YAML reader, which takes a tenth of a microsecond for every character: the certificates of hundreds of clusters would be most of the start. A short
/// mark stands for each while the text is read, and is replaced by it wherever it turns up.
/// </summary>
internal sealed class LongRuns
{
    private const int Shortest = 256;
    private const char Open = '\uE000';
    private const char Close = '\uE001';
    private static readonly SearchValues<char> _base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    private readonly List<string> _runs = [];

    private int _left;

    private LongRuns(string text) => (Text, _left) = (text, text.Length);

    /// <summary>The text to read.</summary>
    public string Text { get; private set; }

    /// <summary>Whether any was taken out.</summary>
    public bool Any => _runs.Count > 0;

    /// <summary>Takes no run out of <paramref name="text"/>.</summary>
    public static LongRuns None(string text) => new(text);

    /// <summary>Takes the runs out of <paramref name="text"/>, as many lines as before.</summary>
    public static LongRuns In(string text)
    {
        var runs = new LongRuns(text);

        // With the mark itself, or an escape that may give one, everything is read as it stands.
        if (text.Length >= Shortest && !text.Contains(Open, StringComparison.Ordinal) && !text.Contains("\\u", StringComparison.OrdinalIgnoreCase))
        {
            runs.TakeOut(text);
        }

        return runs;
    }

    /// <summary>Whether a run stands in <paramref name="value"/>.</summary>
    public bool IsIn(string value) => Any && value.Contains(Open, StringComparison.Ordinal);

    /// <summary>What stands in the text where <paramref name="value"/> was read.</summary>
    /// <exception cref="FormatException">The parser has made something else of the marks than what stands in the text.</exception>
    public string Restore(string value)
    {
        if (!IsIn(value))
        {
            return value;
        }

        var result = new StringBuilder();
        var at = 0;
        while (value.IndexOf(Open, at) is >= 0 and var open)
        {
            var close = value.IndexOf(Close, open);
            if (close < 0 || !int.TryParse(value.AsSpan(open + 1, close - open - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= _runs.Count || (_left -= _runs[number].Length) < 0)
            {
                throw new FormatException("a mark of a run is broken, or stands there more often than in the text");
            }

            result.Append(value, at, open - at).Append(_runs[number]);
            at = close + 1;
        }

        return result.Append(value, at, value.Length - at).ToString();
    }

    private void TakeOut(string text)
    {
        // By what they are: an anchor and its alias have to stay the same.
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        StringBuilder? result = null;
        var (taken, at) = (0, 0);
        while (at < text.Length && text.AsSpan(at).IndexOfAny(_base64) is >= 0 and var skipped)
        {
            at += skipped;
            var length = text.AsSpan(at).IndexOfAnyExcept(_base64) is >= 0 and var end ? end : text.Length - at;

            // What follows a backslash or a percent sign may be part of an escape.
            if (length >= Shortest && (at == 0 || text[at - 1] is not ('\\' or '%')))
            {
                var run = text.Substring(at, length);
                if (!numbers.TryGetValue(run, out var number))
                {
                    numbers.Add(run, number = _runs.Count);
                    _runs.Add(run);
                }

                (result ??= new StringBuilder()).Append(text, taken, at - taken).Append(Open).Append(number).Append(Close);
                taken = at + length;
            }

            at += length;
        }

        Text = result?.Append(text, taken, text.Length - taken).ToString() ?? text;
    }
}
