using System.Text.Json;

namespace Fairlead.Bench;

/// <summary>What the tools print for the driver: a line of JSON.</summary>
internal static class Figures
{
    /// <summary>Prints one line.</summary>
    public static void Print(params (string Name, double Value)[] values)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(values.ToDictionary(static pair => pair.Name, static pair => pair.Value, StringComparer.Ordinal)));
        Console.Out.Flush();
    }

    /// <summary>A percentile of what is sorted.</summary>
    public static double Percentile(IReadOnlyList<double> sorted, double percent) =>
        sorted.Count == 0 ? throw new InvalidOperationException("nothing was measured") : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * percent / 100))];
}
