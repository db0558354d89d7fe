using System.Text.RegularExpressions;

namespace Fairlead.Testing.Access;

/// <summary>A second, slow opinion on dot segments.</summary>
internal static partial class DotSegments
{
    // What each careless reader takes the bytes for; the plain triplets come last, so that an overlong form is not torn apart.
    private static readonly (string Encoded, string Plain)[] _readings =
    [
        ("%fc%80%80%80%80%ae", "."), ("%fc%80%80%80%80%af", "/"), ("%f8%80%80%80%ae", "."), ("%f0%80%80%ae", "."), ("%e0%80%ae", "."), ("%e0%80%af", "/"),
        ("%c0%ae", "."), ("%c0%af", "/"), ("%c1%9c", "/"), ("%2e", "."), ("%2f", "/"), ("%5c", "/"), ("%3b", ";"),
    ];

    /// <summary>Whether some segment is <c>.</c> or <c>..</c> after one decoding.</summary>
    public static bool AreIn(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var text = path;
        foreach (var (encoded, plain) in _readings)
        {
            text = text.Replace(encoded, plain, StringComparison.OrdinalIgnoreCase);
        }

        return DotSegment().IsMatch(text);
    }

    [GeneratedRegex(@"(^|/)\.\.?(;[^/]*)?(/|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DotSegment();
}
