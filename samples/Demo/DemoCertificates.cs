using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Demo;

/// <summary>An authority of its own, with the certificates that it has signed.</summary>
internal sealed class DemoCertificates
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(30);

    private readonly DateTimeOffset _start = DateTimeOffset.UtcNow.AddHours(-1);
    private readonly X509Certificate2 _authority;

    /// <summary>Makes a new authority.</summary>
    public DemoCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Fairlead demo cluster", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(_start, _start + _lifetime);
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityPem => _authority.ExportCertificatePem();

    /// <summary>A certificate for a server on this machine.</summary>
    public X509Certificate2 Server()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("kubernetes.default.svc");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = Sign(new X500DistinguishedName("CN=kube-apiserver"), key, "1.3.6.1.5.5.7.3.1", names.Build());
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>A client certificate: the common name is the user, the organizations are the groups.</summary>
    public (string CertificatePem, string KeyPem) Client(string user, params IEnumerable<string> groups)
    {
        var subject = new X500DistinguishedNameBuilder();
        foreach (var group in groups)
        {
            subject.AddOrganizationName(group);
        }

        subject.AddCommonName(user);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = Sign(subject.Build(), key, "1.3.6.1.5.5.7.3.2", null);
        return (signed.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Whether the authority has signed <paramref name="certificate"/>.</summary>
    public bool HasSigned(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        return chain.Build(certificate);
    }

    private X509Certificate2 Sign(X500DistinguishedName subject, ECDsa key, string usage, X509Extension? extension)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (extension is not null)
        {
            request.CertificateExtensions.Add(extension);
        }

        return request.Create(_authority, _start, _start + _lifetime, RandomNumberGenerator.GetBytes(16));
    }
}
