using CsCheck;

namespace Fairlead.Tests.Doors;

/// <summary>Random request targets.</summary>
internal static class Targets
{
    private static readonly string[] _pieces =
    [
        "/", "/", "/", ".", "..", ".", "a", "api", "%", "%2", "%zz", "%2e", "%2E", "%2f", "%2F", "%5c", "%5C", "%25", "%252e", "%00", "%0a", "%3b", "%c3%a9",
        "%c0%ae", "%c0%af", "%c1%9c", "%e0%80%ae", "%E0%80%AF", "%f0%80%80%ae", "%f8%80%80%80%ae", "%fc%80%80%80%80%af", "%c0", "%ae", "%e0%80", ";", ";x=1", "?",
        "#", "\\", "+", "&", "=", "*", ":", "~", "é",
    ];

    /// <summary>Any text.</summary>
    public static Gen<string> Any { get; } = Gen.OneOf(Gen.String, Gen.String.Select(static text => "/" + text), Gen.Char[' ', '~'].Array.Select(static text => "/" + new string(text)));

    /// <summary>Runs of the pieces that path attacks are made of.</summary>
    public static Gen<string> Nasty { get; } = OneOf(_pieces).Array[1, 12].Select(static pieces => "/" + string.Concat(pieces));

    /// <summary>Ordinary paths.</summary>
    public static Gen<string> Plain { get; } = Gen.Char.AlphaNumeric.Array[1, 8].Select(static text => "/" + new string(text)).Array[1, 6].Select(string.Concat);

    /// <summary>One of <paramref name="texts"/>.</summary>
    public static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);
}
