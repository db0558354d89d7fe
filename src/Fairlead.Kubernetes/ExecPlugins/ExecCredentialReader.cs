using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>Reads what a plugin has printed, by the rules of client-go.</summary>
public static partial class ExecCredentialReader
{
    /// <summary>Reads the output of <paramref name="plugin"/>.</summary>
    /// <param name="plugin">The plugin.</param>
    /// <param name="output">All of its standard output.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ExecPluginException">There is no usable credential in it.</exception>
    public static ExecCredential Read(ExecPlugin plugin, ReadOnlySpan<byte> output, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        var fail = Fail(plugin);
        if (output.Trim(" \t\r\n"u8).IsEmpty)
        {
            throw fail("printed nothing; it has to print an ExecCredential, and needs no terminal for it here");
        }

        var document = Parse(output) ?? throw fail("printed something that is not an ExecCredential in JSON");
        if (document.Kind is not "ExecCredential")
        {
            throw fail("printed something of another kind than ExecCredential");
        }

        if (!string.Equals(document.ApiVersion, plugin.ApiVersion.Name(), StringComparison.Ordinal))
        {
            throw fail($"printed another apiVersion than {plugin.ApiVersion.Name()}, which it was asked for; set apiVersion to what it speaks");
        }

        var status = document.Status ?? throw fail("printed an ExecCredential without status");
        var end = Expiration(status.ExpirationTimestamp, fail);
        if (end <= now)
        {
            throw fail("gave a credential that had expired already; log in again where it keeps its own, and check the clocks");
        }

        var token = Token(status.Token, fail);
        var certificate = Certificate(status, now, fail, out var certificateEnd);
        return token is null && certificate is null
            ? throw fail("printed an ExecCredential without token and client certificate")
            : new ExecCredential(token, certificate, certificateEnd < end || end is null ? certificateEnd : end);
    }

    private static Func<string, ExecPluginException> Fail(ExecPlugin plugin) => problem => new ExecPluginException(plugin.Command, problem);

    private static ExecCredentialJson? Parse(ReadOnlySpan<byte> output)
    {
        try
        {
            return JsonSerializer.Deserialize(output, ExecJson.Default.ExecCredentialJson);
        }
        catch (JsonException)
        {
            // Its message repeats what was printed.
            return null;
        }
    }

    private static Secret? Token(string? text, Func<string, ExecPluginException> fail) =>
        string.IsNullOrEmpty(text) ? null
        : BearerToken.TryCreate(text, out var token, out var problem) ? token
        : throw fail($"gave a token that {problem}");

    private static ClientCertificateSource? Certificate(
        ExecCredentialStatusJson status, DateTimeOffset now, Func<string, ExecPluginException> fail, out DateTimeOffset? end)
    {
        end = null;
        if (string.IsNullOrEmpty(status.ClientCertificateData) && string.IsNullOrEmpty(status.ClientKeyData))
        {
            return null;
        }

        if (string.IsNullOrEmpty(status.ClientCertificateData) || string.IsNullOrEmpty(status.ClientKeyData))
        {
            throw fail($"gave {(string.IsNullOrEmpty(status.ClientKeyData) ? "clientCertificateData without clientKeyData" : "clientKeyData without clientCertificateData")}");
        }

        try
        {
            using var pair = X509Certificate2.CreateFromPem(status.ClientCertificateData, status.ClientKeyData);
            end = new DateTimeOffset(pair.NotAfter);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw fail("gave a clientCertificateData and a clientKeyData that are not PEM or do not belong together");
        }

        return end <= now
            ? throw fail("gave a client certificate that had expired already")
            : new ClientCertificateSource(new PemSource.Inline(new Secret(status.ClientCertificateData)), new PemSource.Inline(new Secret(status.ClientKeyData)));
    }

    private static DateTimeOffset? Expiration(string? text, Func<string, ExecPluginException> fail)
    {
        if (text is null)
        {
            return null;
        }

        // Fractions have more digits than a DateTimeOffset takes, and do not matter.
        return Rfc3339().Match(text) is { Success: true } match
            && DateTimeOffset.TryParseExact(match.Groups["second"].Value + match.Groups["zone"].Value, "yyyy-MM-ddTHH:mm:ssK", CultureInfo.InvariantCulture, DateTimeStyles.None, out var end)
            ? end
            : throw fail("gave an expirationTimestamp that is no time by RFC 3339");
    }

    [GeneratedRegex(@"\A(?<second>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(?<zone>Z|[+-][0-9]{2}:[0-9]{2})\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Rfc3339();
}
