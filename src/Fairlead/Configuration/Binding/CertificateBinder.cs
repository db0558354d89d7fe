using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Configuration.Binding;

/// <summary><c>clientCert...</c> and <c>clientKey...</c> of a cluster (contract F20).</summary>
internal static class CertificateBinder
{
    private static readonly string[] Keys = ["clientCertFile", "clientCertData", "clientKeyFile", "clientKeyData"];

    public static BoundCredential? Bind(Section section, string label, bool isWanted)
    {
        var before = section.Context.Errors.Count;
        var certificate = PemBinder.Bind(section, "clientCertData", "clientCertFile", PemContent.Certificate);
        var key = PemBinder.Bind(section, "clientKeyData", "clientKeyFile", PemContent.PrivateKey);
        if (!isWanted)
        {
            foreach (var stray in Keys.Where(section.Has))
            {
                section.Error(stray, $"cluster '{label}': {stray} needs authProvider: clientCertificate");
            }

            return null;
        }

        if (section.Context.Errors.Count == before)
        {
            Require(section, label, certificate, "clientCertFile", "clientCertData");
            Require(section, label, key, "clientKeyFile", "clientKeyData");
        }

        return certificate is null || key is null ? null : Checked(section, label, new ClientCertificateSource(certificate, key));
    }

    private static void Require(Section section, string label, PemSource? source, string fileKey, string dataKey)
    {
        if (source is null)
        {
            section.Error(fileKey, $"cluster '{label}': authProvider clientCertificate needs {fileKey} or {dataKey}");
        }
    }

    private static BoundCredential Checked(Section section, string label, ClientCertificateSource source)
    {
        var definition = new CredentialDefinition.ClientCertificate(source);
        if (ClientCertificatePair.Fits(source) != false)
        {
            return new BoundCredential(definition);
        }

        var keys = string.Join(" and ", Keys.Where(section.Has));
        var problem = $"cluster '{label}': {keys} do not belong together: the key is not the certificate's, or one of them cannot be read";
        if (source is { Certificate: PemSource.Inline, Key: PemSource.Inline })
        {
            return new BoundCredential(definition, Problem: problem);
        }

        // Files may be exchanged at any moment, so the definition stays usable and this is only said.
        section.Context.Notice(problem);
        return new BoundCredential(definition);
    }
}
