namespace Fairlead.Configuration.Binding;

/// <summary>Finds the known key that a misspelt one was meant to be.</summary>
internal static class NearestKey
{
    /// <summary>The nearest of <paramref name="known"/>, or null when none is near.</summary>
    public static string? Find(string key, IEnumerable<string> known)
    {
        var limit = Math.Max(2, key.Length / 3);
        return known
            .Select(candidate => (Key: candidate, Distance: Distance(key.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(candidate => candidate.Distance <= limit)
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Key)
            .FirstOrDefault();
    }

    // Levenshtein's distance, with one row. A key longer than any known one by far is near to none.
    private static int Distance(string from, string to)
    {
        if (from.Length > 64)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replace = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
