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

    /// <summary>Takes the runs out of <paramref name="text"/>, as many lines as before.</summary>
    public LongRuns(string text)
    {
        Text = text;

        // The mark itself, or an escape that may give one: everything is read as it stands.
        if (text.Length < Shortest || text.Contains(Open, StringComparison.Ordinal) || text.Contains("\\u", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

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

    /// <summary>The text to read.</summary>
    public string Text { get; }

    /// <summary>What stands in the text where <paramref name="value"/> was read.</summary>
    public string Restore(string value)
    {
        if (_runs.Count == 0 || !value.Contains(Open, StringComparison.Ordinal))
        {
            return value;
        }

        var result = new StringBuilder();
        var at = 0;
        while (value.IndexOf(Open, at) is >= 0 and var open)
        {
            var close = value.IndexOf(Close, open);
            result.Append(value, at, open - at).Append(_runs[int.Parse(value.AsSpan(open + 1, close - open - 1), CultureInfo.InvariantCulture)]);
            at = close + 1;
        }

        return result.Append(value, at, value.Length - at).ToString();
    }
}
