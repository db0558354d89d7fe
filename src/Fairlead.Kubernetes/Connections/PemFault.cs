using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fairlead.Kubernetes.Connections;

/// <summary>
/// Finds what is wrong with PEM text (RFC 7468), and on which line. The platform's reader passes over blocks that it cannot read: an authority in a bundle would be missing, and nobody
/// would know why.
/// </summary>
public static class PemFault
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";
    private const string Dashes = "-----";
    private const int LongestLabel = 32;
    private static readonly SearchValues<char> _label = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ");
    private static readonly SearchValues<char> _base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    /// <summary>What is wrong; null when nothing is. Never repeats the text, which may be a private key.</summary>
    /// <param name="text">The PEM text.</param>
    /// <param name="content">What has to be in it.</param>
    /// <param name="isWhole">Whether certificates are opened too, each of which takes a third of a millisecond.</param>
    public static string? Find(string text, PemContent content, bool isWhole)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!isWhole && IsOne(text, content))
        {
            return null;
        }

        var (number, found) = (0, false);
        (string Label, int Line)? block = null;
        var base64 = new StringBuilder();
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            number++;
            var line = raw.Trim();
            if (line.StartsWith(Begin, StringComparison.Ordinal) && line[Begin.Length..].Contains(End, StringComparison.Ordinal))
            {
                return At(number, "the whole block stands on one line: its line breaks are lost");
            }

            if (Label(line, Begin) is { } begun)
            {
                if (block is { } open)
                {
                    return At(number, $"another block begins before the {open.Label} of line {open.Line} has ended");
                }

                block = (begun, number);
                base64.Clear();
            }
            else if (Label(line, End) is { } ended)
            {
                if (block is not { } open)
                {
                    return At(number, $"a {ended} ends that has not begun");
                }

                if (!string.Equals(open.Label, ended, StringComparison.Ordinal))
                {
                    return At(number, $"the {open.Label} of line {open.Line} ends as {ended}");
                }

                if (FaultOf(open.Label, base64.ToString(), isWhole) is { } fault)
                {
                    return At(open.Line, fault);
                }

                found |= Holds(open.Label, content);
                block = null;
            }
            else if (block is not null && !line.IsEmpty)
            {
                if (line.Contains(':'))
                {
                    return At(number, "a header inside the block: keys that are encrypted this way cannot be used, give one without a password");
                }

                if (line.ContainsAnyExcept(_base64))
                {
                    return At(number, "not base64");
                }

                base64.Append(line);
            }
        }

        return block is { } unended ? At(unended.Line, $"the {unended.Label} that begins here does not end; is the text cut off?")
            : found ? null
            : content is PemContent.Certificate ? "there is no PEM certificate inside (no line -----BEGIN CERTIFICATE-----)"
            : "there is no PEM private key inside (no line -----BEGIN ... PRIVATE KEY-----)";
    }

    /// <summary>Whether the text is one block and nothing else, which most are; the platform's own reader says so at once.</summary>
    private static bool IsOne(ReadOnlySpan<char> text, PemContent content) =>
        PemEncoding.TryFind(text, out var fields) && fields.DecodedDataLength > 0 && text[..fields.Location.Start].IsWhiteSpace() && text[fields.Location.End..].IsWhiteSpace()
        && text[fields.Label] is var label && label is not "ENCRYPTED PRIVATE KEY" && Holds(label, content);

    /// <summary>What stands between the dashes, where it is what may stand there (RFC 7468 3): anything else may be the key itself.</summary>
    private static string? Label(ReadOnlySpan<char> line, string edge) =>
        line.StartsWith(edge, StringComparison.Ordinal) && line.EndsWith(Dashes, StringComparison.Ordinal) && line.Length > edge.Length + Dashes.Length
        && line[edge.Length..^Dashes.Length] is { Length: <= LongestLabel } label && !label.ContainsAnyExcept(_label)
            ? label.ToString()
            : null;

    private static bool Holds(ReadOnlySpan<char> label, PemContent content) =>
        content is PemContent.Certificate ? label is "CERTIFICATE" : label.EndsWith("PRIVATE KEY", StringComparison.Ordinal);

    private static string? FaultOf(string label, string base64, bool isWhole)
    {
        if (label is "ENCRYPTED PRIVATE KEY")
        {
            return "the key is encrypted; give one without a password";
        }

        if (base64.Length == 0 || !Base64.IsValid(base64))
        {
            return $"the {label} that begins here is not whole: its base64 does not decode";
        }

        if (label is not "CERTIFICATE" || !isWhole)
        {
            return null;
        }

        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(base64));
            return null;
        }
        catch (CryptographicException)
        {
            return "the CERTIFICATE that begins here is not one";
        }
    }

    private static string At(int line, string message) => string.Create(CultureInfo.InvariantCulture, $"line {line}: {message}");
}
