using System.Text.Json;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Resources;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Clusters.Sources;

/// <summary>Argo CD's Secret for a cluster: <c>name</c>, <c>server</c> and <c>config</c>.</summary>
internal static class ArgoCdSecret
{
    /// <summary>Reads one.</summary>
    public static ClusterSecret Read(SecretObject secret)
    {
        if (!ServerUrl.TryParse(ClusterSecret.Text(secret, "server") ?? "", out var server, out var fault))
        {
            return new ClusterSecret.Broken($"server {fault}");
        }

        if (Config(ClusterSecret.Text(secret, "config") ?? "{}") is not { } config)
        {
            return new ClusterSecret.Broken("config is not the JSON that Argo CD reads");
        }

        var problems = new List<string>();
        var connection = Connection(server, config, problems);
        var credential = Credential(config);

        // As in Argo CD, a cluster without a name goes by its server.
        return new ClusterSecret.Described(ClusterSecret.Text(secret, "name") ?? server.OriginalString, connection, credential, problems.Count == 0 ? null : string.Join("; ", problems));
    }

    private static ArgoClusterConfig? Config(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, SourceJson.Default.ArgoClusterConfig);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ClusterConnection Connection(Uri server, ArgoClusterConfig config, List<string> problems)
    {
        var tls = config.TlsClientConfig ?? new ArgoTlsConfig();
        var authority = Pem(tls.CaData, "caData", PemContent.Certificate, problems);
        if (tls.Insecure && authority is not null)
        {
            problems.Add("tlsClientConfig: insecure must not stand together with caData");
        }

        ProxyAddress? proxy = null;
        if (config.ProxyUrl is { Length: > 0 } text && !ProxyAddress.TryParse(text, out proxy))
        {
            problems.Add($"proxyUrl {ProxyAddress.Rule}");
        }

        var name = tls.ServerName is { Length: > 0 } given ? given : null;
        if (name is not null && !ServerName.IsUsable(name))
        {
            problems.Add($"tlsClientConfig.serverName {ServerName.Rule}");
            name = null;
        }

        return new ClusterConnection
        {
            Server = server,
            CertificateAuthority = authority,
            InsecureSkipTlsVerify = tls.Insecure,
            TlsServerName = name,
            Proxy = proxy,
        };
    }

    /// <summary>What is wrong with the credential alone is no problem of the cluster: callers' own tokens need none of it.</summary>
    private static CredentialDefinition Credential(ArgoClusterConfig config)
    {
        if (config.ExecProviderConfig.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            return Refused("execProviderConfig", "names a program, and none is run for a Secret");
        }

        if (config.Username is { Length: > 0 } || config.Password is { Length: > 0 })
        {
            return Refused("username", "and password are no credential that clusters take any more");
        }

        if (config.AwsAuthConfig is { } aws)
        {
            return Aws(aws);
        }

        var tls = config.TlsClientConfig ?? new ArgoTlsConfig();
        if (tls.CertData is { Length: > 0 } || tls.KeyData is { Length: > 0 })
        {
            var faults = new List<string>();
            var (certificate, key) = (Pem(tls.CertData, "certData", PemContent.Certificate, faults), Pem(tls.KeyData, "keyData", PemContent.PrivateKey, faults));
            return certificate is not null && key is not null ? new CredentialDefinition.ClientCertificate(new ClientCertificateSource(certificate, key))
                : faults.Count > 0 ? new CredentialDefinition.Unavailable("certData", string.Join("; ", faults))
                : Refused("certData", "and keyData need each other");
        }

        if (config.BearerToken is not { Length: > 0 } text)
        {
            return new CredentialDefinition.None("serviceAccount");
        }

        return BearerToken.TryCreate(text, out var token, out var fault) ? new CredentialDefinition.ServiceAccountToken(token) : Refused("bearerToken", fault);
    }

    private static CredentialDefinition Aws(ArgoAwsConfig aws) =>
        aws.Profile is { Length: > 0 } ? Refused("awsAuthConfig", "has a profile, which is a file, and none is read for a Secret")
        : ForeignAwsAccount.Read(aws.ClusterName ?? "", aws.RoleArn is { Length: > 0 } role ? role : null, null, out var fault) is { } account ? account
        : Refused("awsAuthConfig", $"cannot be used: {fault}");

    private static CredentialDefinition.Unavailable Refused(string key, string fault) => new(key, $"{key} {fault}");

    private static PemSource? Pem(string? data, string key, PemContent content, List<string> problems)
    {
        if (data is not { Length: > 0 })
        {
            return null;
        }

        if (!PemText.TryDecode(data, content, out var source, out var fault))
        {
            problems.Add($"tlsClientConfig.{key} {fault}");
        }

        return source;
    }
}
