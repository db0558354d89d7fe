using System.Globalization;
using System.Text.RegularExpressions;
using Fairlead.Testing.Clients;

namespace Fairlead.Testing.Telemetry;

/// <summary>One series of a page of metrics.</summary>
/// <param name="Name">The name of the sample.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Value">Its value.</param>
public sealed record Series(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>A page of metrics, as Prometheus reads it.</summary>
public sealed partial class Scrape
{
    private Scrape(string text)
    {
        Text = text;
        Types = text.Split('\n').Select(static line => TypeLine().Match(line)).Where(static match => match.Success)
            .ToDictionary(static match => match.Groups["name"].Value, static match => match.Groups["type"].Value, StringComparer.Ordinal);
        All = [.. text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').Select(Read)];
    }

    /// <summary>The whole page.</summary>
    public string Text { get; }

    /// <summary>The type of each metric.</summary>
    public IReadOnlyDictionary<string, string> Types { get; }

    /// <summary>All series.</summary>
    public IReadOnlyList<Series> All { get; }

    /// <summary>Asks a management listener for its page.</summary>
    /// <param name="port">Its port.</param>
    public static async Task<Scrape> GetAsync(int port)
    {
        var response = await RawClient.ExchangeAsync(port, RawRequest.Get("/metrics"));
        return response.Status == 200 ? new Scrape(response.BodyText) : throw new InvalidOperationException($"/metrics answered {response.Status}: {response.BodyText}");
    }

    /// <summary>The series of a name that have these labels, among others.</summary>
    public IEnumerable<Series> Find(string name, params (string Name, string Value)[] labels) => All.Where(series =>
        string.Equals(series.Name, name, StringComparison.Ordinal) && labels.All(label => series.Labels.TryGetValue(label.Name, out var value) && string.Equals(value, label.Value, StringComparison.Ordinal)));

    /// <summary>The sum of them; 0 where there are none.</summary>
    public double Sum(string name, params (string Name, string Value)[] labels) => Find(name, labels).Sum(static series => series.Value);

    private static Series Read(string line)
    {
        var match = Sample().Match(line);
        if (!match.Success)
        {
            throw new InvalidOperationException($"not a sample: {line}");
        }

        var labels = Label().Matches(match.Groups["labels"].Value).ToDictionary(static label => label.Groups["name"].Value, static label => label.Groups["value"].Value, StringComparer.Ordinal);
        return new Series(match.Groups["name"].Value, labels, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^# TYPE (?<name>\S+) (?<type>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([^"}]|"([^"\\]|\\.)*")*)\})? (?<value>\S+)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
