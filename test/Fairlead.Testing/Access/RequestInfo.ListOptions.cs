using System.Globalization;

namespace Fairlead.Testing.Access;

/// <summary>
/// The options of a list (<c>ParameterCodec.DecodeParameters</c> into <c>ListOptions</c>). Of what can fail there, <c>labelSelector</c> is not
/// ported: no test may send one that does not parse.
/// </summary>
internal sealed partial record RequestInfo
{
    private void ReadListOptions(GoTarget target)
    {
        var watch = target.First("watch");
        if (IsInteger(target.First("timeoutSeconds")) && IsInteger(target.First("limit"))
            && FieldSelector.TryParse(target.First("fieldSelector") ?? "", out var name))
        {
            Verb = watch is not null && !IsFalse(watch) ? "watch" : "list";
            Name = name is null or "." or ".." || name.AsSpan().ContainsAny('/', '%') ? "" : name;
        }
        else
        {
            // Another comparison than above: strings.ToLower does not fold the long s.
            HasInvalidOptions = true;
            Verb = watch is not (null or "0") && !string.Equals(watch, "false", StringComparison.OrdinalIgnoreCase) ? "watch" : "list";
        }
    }

    /// <summary><c>Convert_Slice_string_To_bool</c>. Its <c>strings.EqualFold</c> folds U+017F, the long s, to an s.</summary>
    private static bool IsFalse(string value) =>
        value is "0" || string.Equals(value.Replace("\u00c5\u00bf", "s", StringComparison.Ordinal), "false", StringComparison.OrdinalIgnoreCase);

    /// <summary><c>strconv.ParseInt(value, 10, 64)</c>; an empty value is none.</summary>
    private static bool IsInteger(string? value) =>
        value is null
        // .NET reads over zero bytes at the end.
        || (!value.Contains('\0', StringComparison.Ordinal) && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));
}
