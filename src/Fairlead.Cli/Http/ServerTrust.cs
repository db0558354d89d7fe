using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Cli.Http;

/// <summary>Whom a server's certificate has to be signed by: an authority of the system, or one that the person gave. The name in it counts in any case.</summary>
internal sealed class ServerTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection _authorities = [];

    /// <summary>Reads the authorities.</summary>
    /// <param name="authorityPem">PEM certificates; null for none.</param>
    /// <exception cref="CommandFailure">There is none in it.</exception>
    public ServerTrust(string? authorityPem)
    {
        if (authorityPem is null)
        {
            return;
        }

        try
        {
            _authorities.ImportFromPem(authorityPem);
        }
        catch (CryptographicException exception)
        {
            throw new CommandFailure($"The certificate authority cannot be read: {exception.Message}", exception);
        }

        if (_authorities.Count == 0)
        {
            throw new CommandFailure("The certificate authority holds no certificate; it has to be PEM (-----BEGIN CERTIFICATE-----)");
        }
    }

    /// <summary>What was wrong with the last certificate that was refused, after its server's name; null where nothing was.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether a certificate was accepted that the system alone would have refused.</summary>
    public bool NeededAuthorities { get; private set; }

    /// <summary>Judges a certificate, as TLS asks for it.</summary>
    public bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Problem = null;
        if (errors is SslPolicyErrors.None)
        {
            return true;
        }

        if (certificate is not X509Certificate2 own || chain is null)
        {
            Problem = "is missing";
        }
        else if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            Problem = "is for another name; reach the server by a name that stands in it";
        }
        else if (_authorities.Count == 0 || !IsSignedByAuthority(own, chain))
        {
            Problem = Explain(own);
        }
        else
        {
            NeededAuthorities = true;
        }

        return Problem is null;
    }

    private bool IsSignedByAuthority(X509Certificate2 certificate, X509Chain sent)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                ApplicationPolicy = { new Oid(ServerAuthentication) },
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        return chain.Build(certificate);
    }

    private string Explain(X509Certificate2 certificate)
    {
        var now = DateTime.Now;
        return now > certificate.NotAfter ? string.Create(CultureInfo.InvariantCulture, $"has expired ({certificate.NotAfter:yyyy-MM-dd HH:mm}); or this machine's clock is wrong ({now:yyyy-MM-dd HH:mm})")
            : now < certificate.NotBefore ? string.Create(CultureInfo.InvariantCulture, $"is not valid yet ({certificate.NotBefore:yyyy-MM-dd HH:mm}); or this machine's clock is wrong ({now:yyyy-MM-dd HH:mm})")
            : _authorities.Count > 0 ? "is signed neither by an authority of this system nor by the one of --certificate-authority"
            : $"is signed by an authority that this machine does not know ({Printable.Of(certificate.Issuer)}); get that authority's certificate from the operator and give it with --certificate-authority FILE";
    }
}
