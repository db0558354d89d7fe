using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Kubernetes.Connections;

/// <summary>Certificates of one TLS identity, read and checked. What it was read from may change later: see <see cref="IsStale"/>.</summary>
public sealed class TlsMaterial
{
    private readonly (string Path, FileStamp Stamp)[] _files;

    private TlsMaterial(X509Certificate2Collection? authority, SslStreamCertificateContext? client, DateTime? clientNotAfter, (string, FileStamp)[] files)
    {
        Authority = authority;
        Client = client;
        ClientNotAfter = clientNotAfter;
        _files = files;
    }

    /// <summary>The trusted roots; null means the system's.</summary>
    public X509Certificate2Collection? Authority { get; }

    /// <summary>The client certificate with its chain; null for none.</summary>
    public SslStreamCertificateContext? Client { get; }

    /// <summary>When the client certificate ends, UTC.</summary>
    public DateTime? ClientNotAfter { get; }

    /// <summary>Whether a file that this was read from has changed since.</summary>
    public bool IsStale() => _files.Any(static file => FileStamp.Of(file.Path) != file.Stamp);

    /// <summary>Reads the certificates that <paramref name="connection"/> and <paramref name="client"/> refer to.</summary>
    /// <param name="connection">The connection; its authority is read unless the server's certificate is accepted unseen.</param>
    /// <param name="client">The client identity; null for none.</param>
    /// <exception cref="TlsMaterialException">A file is missing or holds something else; the message says which and how to mend it.</exception>
    public static TlsMaterial Load(ClusterConnection connection, ClientCertificateSource? client)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return Load(connection.CertificateAuthority is { } source && !connection.InsecureSkipTlsVerify ? [source] : [], client);
    }

    /// <summary>Reads the certificates of several authorities and of <paramref name="client"/>.</summary>
    /// <param name="authorities">The trusted authorities; none means the system's alone.</param>
    /// <param name="client">The client identity; null for none.</param>
    /// <exception cref="TlsMaterialException">A file is missing or holds something else; the message says which and how to mend it.</exception>
    public static TlsMaterial Load(IReadOnlyList<PemSource> authorities, ClientCertificateSource? client)
    {
        ArgumentNullException.ThrowIfNull(authorities);
        var files = new List<(string, FileStamp)>();
        X509Certificate2Collection? authority = null;
        foreach (var source in authorities)
        {
            (authority ??= []).AddRange(LoadAuthority(source, files));
        }

        if (client is null)
        {
            return new TlsMaterial(authority, null, null, [.. files]);
        }

        var certificatePem = Read(client.Certificate, "client certificate", PemContent.Certificate, files);
        var keyPem = Read(client.Key, "client key", PemContent.PrivateKey, files);
        try
        {
            var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificatePem);
            return new TlsMaterial(
                authority,
                SslStreamCertificateContext.Create(certificate, chain, offline: true),
                certificate.NotAfter.ToUniversalTime(),
                [.. files]);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new TlsMaterialException(
                $"client certificate and client key do not belong together (clientCert{Describe(client.Certificate)}, clientKey{Describe(client.Key)})", exception);
        }
    }

    private static X509Certificate2Collection LoadAuthority(PemSource source, List<(string, FileStamp)> files)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(Read(source, "certificate authority", PemContent.Certificate, files));
        return certificates;
    }

    private static string Read(PemSource source, string what, PemContent content, List<(string, FileStamp)> files)
    {
        if (source is PemSource.Inline inline)
        {
            return PemFault.Find(inline.Pem.Reveal(), content, isWhole: true) is { } inside ? throw new TlsMaterialException($"the {what} that is written in the configuration is not usable PEM: {inside}") : inline.Pem.Reveal();
        }

        var path = ((PemSource.File)source).Path;
        try
        {
            files.Add((path, FileStamp.Of(path)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TlsMaterialException($"the {what} file {path} cannot be read: {exception.Message}", exception);
        }

        if (!TextFile.TryRead(path, out var text, out var problem))
        {
            throw new TlsMaterialException($"the {what} file {path} cannot be read: {problem}");
        }

        return PemFault.Find(text, content, isWhole: true) is { } fault ? throw new TlsMaterialException($"the {what} file {path} is not usable PEM: {fault}") : text;
    }

    private static string Describe(PemSource source) => source is PemSource.File file ? $"File: {file.Path}" : "Data: inline";
}

/// <summary>Certificates cannot be used. The message is for the operator: it names files, never key material.</summary>
public sealed class TlsMaterialException : Exception
{
    /// <summary>Makes one.</summary>
    public TlsMaterialException()
    {
    }

    /// <summary>Makes one that says <paramref name="message"/>.</summary>
    public TlsMaterialException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says <paramref name="message"/> because of <paramref name="innerException"/>.</summary>
    public TlsMaterialException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
