using System.Text.RegularExpressions;

namespace Fairlead.Kubernetes.Documents;

/// <summary>The types of plain scalars by the YAML 1.2 core schema (section 10.3.2): <c>yes</c>, <c>on</c> and <c>010</c> mean what they say.</summary>
internal static partial class CoreSchema
{
    public static ScalarKind TypeOf(string plain) => plain switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ScalarKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarKind.Boolean,
        [>= '0' and <= '9' or '+' or '-' or '.', ..] when Number().IsMatch(plain) => ScalarKind.Number,
        _ => ScalarKind.Text,
    };

    [GeneratedRegex(
        @"\A(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Number();
}
