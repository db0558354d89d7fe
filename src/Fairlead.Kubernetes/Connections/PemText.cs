using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Kubernetes.Connections;

/// <summary>PEM text as configuration carries it: base64 around the whole text.</summary>
public static class PemText
{
    /// <summary>Takes the base64 off and looks whether PEM blocks of the right kind are inside.</summary>
    /// <param name="base64">The value of a <c>...Data</c> or <c>...-data</c> key; line breaks in it are fine.</param>
    /// <param name="content">What has to be inside.</param>
    /// <param name="source">The PEM text.</param>
    /// <param name="problem">What is wrong; never repeats the value, which may be a private key.</param>
    public static bool TryDecode(
        string base64, PemContent content, [NotNullWhen(true)] out PemSource? source, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(base64);
        source = null;
        if (base64.Contains("-----BEGIN", StringComparison.Ordinal))
        {
            problem = "is PEM text; it has to be base64 around the PEM text (base64 -w0 FILE)";
            return false;
        }

        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (base64.Length == 0 || !Convert.TryFromBase64String(base64, bytes, out var length))
        {
            problem = "is not valid base64";
            return false;
        }

        var pem = Encoding.UTF8.GetString(bytes, 0, length);
        if (PemFault.Find(pem, content, isWhole: false) is { } fault)
        {
            problem = $"is valid base64, but not of usable PEM text: {fault}";
            return false;
        }

        problem = null;
        source = new PemSource.Inline(new Secret(pem));
        return true;
    }
}

/// <summary>What a PEM text has to hold.</summary>
public enum PemContent
{
    /// <summary>At least one certificate.</summary>
    Certificate,

    /// <summary>A private key.</summary>
    PrivateKey,
}
