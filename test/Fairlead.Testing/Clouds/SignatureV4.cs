using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Testing.Clouds;

/// <summary>What AWS computes from a request and a secret key (AWS Signature Version 4), written from its description and not from the SDK.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path as sent.</param>
/// <param name="Query">Names and values, decoded, without <c>X-Amz-Signature</c>.</param>
/// <param name="Headers">The signed headers with their values.</param>
/// <param name="Body">The body.</param>
public sealed record SignatureV4(string Method, string Path, IReadOnlyList<KeyValuePair<string, string>> Query, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>The signature in hex.</summary>
    /// <param name="secretKey">The secret key.</param>
    /// <param name="date"><c>X-Amz-Date</c>.</param>
    /// <param name="scope">Date, region, service and <c>aws4_request</c>.</param>
    public string Compute(string secretKey, string date, string scope)
    {
        var canonical = string.Join(
            '\n',
            Method,
            Path,
            string.Join('&', Query.Select(static pair => $"{Encode(pair.Key)}={Encode(pair.Value)}").Order(StringComparer.Ordinal)),
            string.Concat(Headers.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}:{pair.Value.Trim()}\n")),
            string.Join(';', Headers.Select(static pair => pair.Key).Order(StringComparer.Ordinal)),
            Hex(SHA256.HashData(Body)));
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + secretKey), static (key, part) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part)));
        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    /// <summary>Names and values of a query or a form, decoded.</summary>
    public static List<KeyValuePair<string, string>> Decode(string pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return [.. pairs.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=', 2)).Select(static pair => KeyValuePair.Create(Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[1].Replace('+', ' '))))];
    }

    private static string Encode(string text) =>
        string.Concat(Encoding.UTF8.GetBytes(text).Select(static b => char.IsAsciiLetterOrDigit((char)b) || (char)b is '-' or '_' or '.' or '~' ? ((char)b).ToString() : string.Create(CultureInfo.InvariantCulture, $"%{b:X2}")));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
