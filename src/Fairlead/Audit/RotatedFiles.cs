using System.Globalization;

namespace Fairlead.Audit;

/// <summary>
/// Renames a file that has grown, <c>audit.log</c> to <c>audit-2026-01-02T03-04-05.678.log</c> (the time in UTC, as an API server names its own), and removes the oldest of
/// those. What cannot be renamed goes on growing: a record is worth more than a bound.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="maxFiles">How many are kept; null for all.</param>
/// <param name="maxAge">How long they are kept; null for ever.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class RotatedFiles(string path, int? maxFiles, TimeSpan? maxAge, TimeProvider time, ILogger<RotatedFiles> logger)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH-mm-ss.fff";
    private static readonly TimeSpan _afterFailure = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _betweenSweeps = TimeSpan.FromHours(1);

    private DateTimeOffset _nextRotation = DateTimeOffset.MinValue;
    private DateTimeOffset _nextSweep = DateTimeOffset.MinValue;

    /// <summary>Renames the file.</summary>
    /// <returns>Whether a new one is to be begun.</returns>
    public bool TryRotate()
    {
        var now = time.GetUtcNow();
        if (now < _nextRotation)
        {
            return false;
        }

        try
        {
            var file = RealFile();
            var stamp = now;
            while (File.Exists(NameOf(file, stamp)))
            {
                stamp += TimeSpan.FromMilliseconds(1);
            }

            File.Move(file, NameOf(file, stamp));
            _nextSweep = now;
            Sweep();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotRotated(exception);
            _nextRotation = now + _afterFailure;
            return false;
        }
    }

    /// <summary>Removes those that are too many or too old; now and then.</summary>
    public void Sweep()
    {
        var now = time.GetUtcNow();
        if (now < _nextSweep)
        {
            return;
        }

        _nextSweep = now + _betweenSweeps;
        try
        {
            var file = RealFile();
            var (kept, oldest) = (maxFiles ?? int.MaxValue, maxAge is { } age ? now - age : DateTimeOffset.MinValue);
            foreach (var (name, stamp) in Find(file).OrderByDescending(static found => found.Stamp))
            {
                if (kept-- <= 0 || stamp < oldest)
                {
                    File.Delete(name);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotSwept(exception);
        }
    }

    // Behind a link it is the file itself that grows, and is renamed where it is.
    private string RealFile() => new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    private static string NameOf(string file, DateTimeOffset stamp) => Path.Combine(
        Path.GetDirectoryName(file)!, $"{Path.GetFileNameWithoutExtension(file)}-{stamp.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}{Path.GetExtension(file)}");

    private static IEnumerable<(string Name, DateTimeOffset Stamp)> Find(string file)
    {
        var (start, end) = (Path.GetFileNameWithoutExtension(file) + "-", Path.GetExtension(file));
        var folder = Path.GetDirectoryName(file)!;
        foreach (var name in Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [])
        {
            var plain = Path.GetFileName(name.AsSpan());
            if (plain.Length > start.Length + end.Length && plain.StartsWith(start, StringComparison.Ordinal) && plain.EndsWith(end, StringComparison.Ordinal)
                && DateTimeOffset.TryParseExact(plain[start.Length..^end.Length], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var stamp))
            {
                yield return (name, stamp);
            }
        }
    }

    [LoggerMessage(EventId = 801, Level = LogLevel.Warning, Message = "The audit file has reached its size and cannot be renamed; it goes on growing")]
    private partial void LogNotRotated(Exception exception);

    [LoggerMessage(EventId = 802, Level = LogLevel.Warning, Message = "Old audit files cannot be removed")]
    private partial void LogNotSwept(Exception exception);
}
