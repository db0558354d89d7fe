using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Testing.Certificates;

/// <summary>A certificate authority of its own for one test; everything on P-256, which is quick to make.</summary>
public sealed class TestCertificates
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _authority;

    /// <summary>Makes a new authority; two of them do not trust each other.</summary>
    public TestCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Fairlead test authority {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
        AuthorityPem = _authority.ExportCertificatePem();
        Authority = X509Certificate2.CreateFromPem(AuthorityPem);
    }

    /// <summary>One authority for all tests that need no other.</summary>
    public static TestCertificates Shared { get; } = new();

    /// <summary>The authority's certificate, without its key.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The authority's certificate as PEM.</summary>
    public string AuthorityPem { get; }

    /// <summary>A server certificate for these host names and IP addresses; for <c>localhost</c> and <c>127.0.0.1</c> when none is given.</summary>
    public TestCertificate Server(params string[] names) => Issue(ServerName(names), ServerAuthentication, names);

    /// <summary>A server certificate that expired yesterday.</summary>
    public TestCertificate ExpiredServer(params string[] names) =>
        Issue(ServerName(names), ServerAuthentication, names, until: DateTimeOffset.UtcNow.AddDays(-1));

    /// <summary>A server certificate for a host that no test runs on.</summary>
    public TestCertificate OtherHostServer() => Server("other.fairlead.test");

    /// <summary>A client certificate: the common name is the user, the organizations are the groups.</summary>
    public TestCertificate Client(string commonName, params string[] organizations) => Issue(UserName(commonName, organizations), ClientAuthentication, names: null);

    /// <summary>A client certificate that expired yesterday.</summary>
    public TestCertificate ExpiredClient(string commonName) => Issue(UserName(commonName, []), ClientAuthentication, names: null, until: DateTimeOffset.UtcNow.AddDays(-1));

    /// <summary>A client certificate together with the private key of another one.</summary>
    public TestCertificate MismatchedClient(string commonName) => Client(commonName) with { KeyPem = Client(commonName).KeyPem };

    private static X500DistinguishedName ServerName(string[] names) => new($"CN={(names is [var first, ..] ? first : "localhost")}");

    private static X500DistinguishedName UserName(string commonName, string[] organizations)
    {
        var subject = new X500DistinguishedNameBuilder();
        foreach (var organization in organizations)
        {
            subject.AddOrganizationName(organization);
        }

        subject.AddCommonName(commonName);
        return subject.Build();
    }

    private TestCertificate Issue(X500DistinguishedName subject, string usage, string[]? names, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(AlternativeNames(names is [] ? ["localhost", "127.0.0.1"] : names));
        }

        using var issued = request.Create(
            _authority, DateTimeOffset.UtcNow.AddDays(-20), until ?? DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(12));
        return new(issued.CopyWithPrivateKey(key), issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Extension AlternativeNames(IEnumerable<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                builder.AddIpAddress(address);
            }
            else
            {
                builder.AddDnsName(name);
            }
        }

        return builder.Build();
    }
}
