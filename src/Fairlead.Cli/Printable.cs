using System.Text;

namespace Fairlead.Cli;

/// <summary>Text of others on somebody's terminal: bounded, on one line, and nothing that a terminal would act on.</summary>
internal static class Printable
{
    private const int Longest = 300;

    /// <summary>The text as it can be printed.</summary>
    public static string Of(string? text)
    {
        var shown = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            if (shown.Length >= Longest)
            {
                return shown.Append("...").ToString();
            }

            // Format characters turn the direction of writing, and hide others.
            var isPlain = !Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator or System.Globalization.UnicodeCategory.Surrogate);
            shown.Append(isPlain ? rune.ToString() : " ");
        }

        return shown.ToString().Trim();
    }
}
