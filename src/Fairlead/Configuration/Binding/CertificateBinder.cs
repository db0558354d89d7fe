using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Configuration.Binding;

/// <summary><c>clientCert...</c> and <c>clientKey...</c> of a cluster (contract F20).</summary>
internal static class CertificateBinder
{
    private const string SecretKey = "clientCertSecretRef";
    private static readonly string[] Keys = ["clientCertFile", "clientCertData", "clientKeyFile", "clientKeyData"];

    public static BoundCredential? Bind(Section section, string label, bool isWanted)
    {
        var before = section.Context.Errors.Count;
        var certificate = PemBinder.Bind(section, "clientCertData", "clientCertFile", PemContent.Certificate);
        var key = PemBinder.Bind(section, "clientKeyData", "clientKeyFile", PemContent.PrivateKey);
        if (!isWanted)
        {
            foreach (var stray in Keys.Append(SecretKey).Where(section.Has))
            {
                section.Error(stray, $"cluster '{label}': {stray} needs authProvider: clientCertificate");
            }

            return null;
        }

        if (section.Child(SecretKey) is { } secret)
        {
            return Secret(section, label, secret);
        }

        if (section.Context.Errors.Count == before)
        {
            Require(section, label, certificate, "clientCertFile", "clientCertData");
            Require(section, label, key, "clientKeyFile", "clientKeyData");
        }

        return certificate is null || key is null ? null : new BoundCredential(new CredentialDefinition.ClientCertificate(new ClientCertificateSource(certificate, key)));
    }

    private static BoundCredential? Secret(Section section, string label, Section secret)
    {
        var (cluster, @namespace, name) = (secret.Text("cluster"), secret.RequiredText("namespace"), secret.RequiredText("name"));
        foreach (var (key, value) in new[] { ("namespace", @namespace), ("name", name) })
        {
            // Both become part of a path.
            if (value is not null && !value.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
            {
                secret.Error(key, "has to consist of small letters, digits, '-' and '.'");
            }
        }

        secret.Close();
        foreach (var stray in Keys.Where(section.Has))
        {
            section.Error(stray, $"cluster '{label}': {stray} and {SecretKey} must not stand together; leave one of them out");
        }

        return @namespace is null || name is null ? null : new BoundCredential(new CredentialDefinition.CertificateSecret(cluster, @namespace, name));
    }

    private static void Require(Section section, string label, PemSource? source, string fileKey, string dataKey)
    {
        if (source is null)
        {
            section.Error(fileKey, $"cluster '{label}': authProvider clientCertificate needs {fileKey} or {dataKey}, or {SecretKey}");
        }
    }
}
