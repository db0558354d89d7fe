using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Fuzz;

/// <summary>What has to hold for every input.</summary>
internal static class Invariant
{
    /// <summary>Ends the run with a finding unless <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What has to hold.</param>
    /// <param name="otherwise">What is wrong.</param>
    public static void Holds([DoesNotReturnIf(false)] bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new FindingException(otherwise);
        }
    }

    /// <summary>Ends the run with a finding unless both texts are the same.</summary>
    /// <param name="actual">What is there.</param>
    /// <param name="expected">What has to be.</param>
    /// <param name="what">What is compared.</param>
    public static void Same(string? actual, string? expected, string what)
    {
        if (!string.Equals(actual, expected, StringComparison.Ordinal))
        {
            throw new FindingException($"{what} is '{actual}' and should be '{expected}'");
        }
    }
}
