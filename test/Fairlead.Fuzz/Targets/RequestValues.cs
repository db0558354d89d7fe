using Fairlead.Doors;
using Fairlead.Testing.Access;

namespace Fairlead.Fuzz.Targets;

/// <summary>The value of <c>?request=</c>. An input is one, as it stands in the query.</summary>
internal static class RequestValues
{
    private const string UrlCharacters = "-._~!$&'()*+,;=:@/%?";

    /// <summary>Reads one value.</summary>
    public static bool Attack(byte[] input)
    {
        var raw = InputText.Of(input);
        var value = RequestValue.Read(raw, out var refusal);
        Invariant.Holds(value is null != (refusal is null), "there is a value and a refusal, or neither");
        if (value is null)
        {
            Invariant.Holds(!IsPlain(raw), "a plain path was refused");
            return false;
        }

        var path = value.Split('?')[0];
        Invariant.Holds(value[0] == '/' && !value.StartsWith("//", StringComparison.Ordinal), "the value is no path");
        Invariant.Holds(!DotSegments.AreIn(path), "a dot segment was accepted");
        Invariant.Holds(value.All(static character => char.IsAsciiLetterOrDigit(character) || UrlCharacters.Contains(character, StringComparison.Ordinal)), "a character that no URL has");
        Invariant.Holds(RequestTarget.Parse(value, int.MaxValue, out _) is not null, "the value is no target of its own");
        Invariant.Holds(new Uri(new Uri("http://service.test"), value).Host is "service.test", "the value leads to another host");
        if (IsPlain(raw))
        {
            Invariant.Same(value, raw.StartsWith('/') ? raw : "/" + raw, "a plain path");
        }

        return true;
    }

    private static bool IsPlain(string raw) =>
        raw.Length > 0 && !raw.StartsWith("//", StringComparison.Ordinal) && raw.All(static character => char.IsAsciiLetterOrDigit(character) || character is '/' or '-' or '_');
}
