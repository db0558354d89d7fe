using System.Text;

namespace Fairlead.Fuzz;

/// <summary>Inputs as text.</summary>
internal static class InputText
{
    /// <summary>One character for each byte, without a line break at the end, which editors add.</summary>
    public static string Of(byte[] input)
    {
        var text = Encoding.Latin1.GetString(input);
        return text.EndsWith('\n') ? text[..^1] : text;
    }

    /// <summary>UTF-8; what is none becomes U+FFFD.</summary>
    public static string Utf8(byte[] input) => Encoding.UTF8.GetString(input);

    /// <summary>The lines.</summary>
    public static string[] Lines(byte[] input) => Of(input).Split('\n');
}
