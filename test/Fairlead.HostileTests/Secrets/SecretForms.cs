using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Fairlead.HostileTests.Secrets;

/// <summary>A secret in every shape in which it could stand in a text.</summary>
internal static class SecretForms
{
    /// <summary>The shapes of <paramref name="text"/> that can be looked for.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        List<string> forms = [text, Uri.EscapeDataString(text), JsonSerializer.Serialize(text)[1..^1], Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes)];
        // Within base64 a text has three shapes, by what stands before it; the characters at its edges belong to its neighbours too. A basic login and a signed URL hold it escaped.
        foreach (var held in (byte[][])[bytes, Encoding.ASCII.GetBytes(forms[1])])
        {
            for (var before = 0; before < 3; before++)
            {
                byte[] shifted = [.. new byte[before], .. held];
                var (from, to) = (((before * 8) + 5) / 6, shifted.Length * 8 / 6);
                forms.Add(Convert.ToBase64String(shifted)[from..to]);
                forms.Add(Base64Url.EncodeToString(shifted)[from..to]);
            }
        }

        return [.. forms.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The secrets that stand in a text in some shape, by their names.</summary>
    public static IReadOnlyList<string> FoundIn(string text, IReadOnlyDictionary<string, string> secrets) =>
        [.. secrets.Where(secret => Of(secret.Value).Any(form => text.Contains(form, StringComparison.Ordinal))).Select(static secret => secret.Key)];
}
