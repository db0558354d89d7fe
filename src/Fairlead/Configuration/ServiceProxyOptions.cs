using System.Net;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Configuration;

/// <summary>The service door (<c>serviceProxy</c>).</summary>
internal sealed record ServiceProxyOptions
{
    /// <summary>Whether the door is on (<c>serviceProxy.enabled</c>, <c>--enable-helm</c>; contract F1).</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The cluster of targets that name none (<c>serviceProxy.defaultCluster</c>); null: the in-cluster one, else the only one (contract F5).</summary>
    public string? DefaultCluster { get; init; }

    /// <summary>Which way to Services (<c>serviceProxy.transport</c>; contract F16).</summary>
    public TransportChoice Transport { get; init; } = TransportChoice.Auto;

    /// <summary>Who Services see (<c>serviceProxy.authorization</c>; contract F23, F24).</summary>
    public ServiceAuthorization Authorization { get; init; } = ServiceAuthorization.Forward;

    /// <summary>Whether <c>get services</c> is enough for GET and HEAD (<c>serviceProxy.requires: services/get</c>; contract F20).</summary>
    public bool RequiresOnlyGet { get; init; }

    /// <summary>Host names that an ExternalName may point to although their addresses are not public: exact, or <c>*.suffix</c> (<c>serviceProxy.externalNames</c>).</summary>
    public IReadOnlyList<string> ExternalNames { get; init; } = [];

    /// <summary>Ranges that the address policy lets pass (<c>serviceProxy.allowedAddresses</c>; contract F36).</summary>
    public IReadOnlyList<IPNetwork> AllowedAddresses { get; init; } = [];

    /// <summary>The DNS domain of clusters (<c>serviceProxy.clusterDomain</c>), part of the <c>Host</c> that Services see.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>How long a Service may take to answer with headers (<c>serviceProxy.headersTimeout</c>).</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What is different for single Services (<c>serviceProxy.services</c>).</summary>
    public IReadOnlyList<ServiceOptions> Services { get; init; } = [];

    /// <summary>The Service that a host name belongs to; null for none.</summary>
    public ServiceOptions? FindHost(string host)
    {
        foreach (var one in Services)
        {
            if (one.Host is not null && string.Equals(one.Host, host, StringComparison.OrdinalIgnoreCase))
            {
                return one;
            }
        }

        return null;
    }

    /// <summary>What is configured for a Service; null for nothing.</summary>
    public ServiceOptions? Find(Clusters.Cluster cluster, Doors.ServiceTarget target)
    {
        ServiceOptions? plain = null;
        foreach (var one in Services)
        {
            if (!string.Equals(one.Name, target.Name, StringComparison.Ordinal) || !string.Equals(one.Namespace, target.Namespace, StringComparison.Ordinal))
            {
                continue;
            }

            if (string.Equals(one.Cluster, cluster.Definition.QualifiedName, StringComparison.Ordinal))
            {
                return one;
            }

            plain ??= string.Equals(one.Cluster, cluster.Definition.Name, StringComparison.Ordinal) ? one : null;
        }

        return plain;
    }
}

/// <summary>What is different for one Service (an item of <c>serviceProxy.services</c>).</summary>
internal sealed record ServiceOptions
{
    /// <summary>The cluster's qualified name, or its plain one: then every cluster of that name, where no item has the qualified one.</summary>
    public required string Cluster { get; init; }

    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The Service's name.</summary>
    public required string Name { get; init; }

    /// <summary>The way; null for the door's.</summary>
    public TransportChoice? Transport { get; init; }

    /// <summary>Who the Service sees; null for the door's.</summary>
    public ServiceAuthorization? Authorization { get; init; }

    /// <summary><c>http</c> or <c>https</c>; null: by the port (contract F14).</summary>
    public string? Scheme { get; init; }

    /// <summary>The port's name or number where a request names none; null: by the rules (contract F13).</summary>
    public string? Port { get; init; }

    /// <summary>An authority of the Service's certificate beside the system's roots and the cluster's own; null for none.</summary>
    public PemSource? CertificateAuthority { get; init; }

    /// <summary>The certificate to show to the Service.</summary>
    public ClientCertificateSource? ClientCertificate { get; init; }

    /// <summary>Whether the Service's certificate is accepted unseen.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>How long the Service may take to answer with headers; null for the door's.</summary>
    public TimeSpan? HeadersTimeout { get; init; }

    /// <summary>Whether the caller's cluster token is sent as <c>X-Forwarded-Access-Token</c> over the API server (decision 20).</summary>
    public bool TokenHeader { get; init; }

    /// <summary>The Secret, in the Service's namespace, with the credential for <see cref="ServiceAuthorization.Secret"/>.</summary>
    public string? CredentialSecret { get; init; }

    /// <summary>The audience of the token for <see cref="ServiceAuthorization.ServiceAccountToken"/>.</summary>
    public string? TokenAudience { get; init; }

    /// <summary>The host name under which the Service has an origin of its own (decision 21); null for none.</summary>
    public string? Host { get; init; }
}

/// <summary>Which way requests go to a Service.</summary>
internal enum TransportChoice
{
    /// <summary>Direct where the gateway is in the cluster's network, else over the API server.</summary>
    Auto,

    /// <summary>The Service's own address.</summary>
    Direct,

    /// <summary>The <c>services/proxy</c> sub-resource.</summary>
    ApiServer,
}

/// <summary>What a Service gets in <c>Authorization</c>.</summary>
internal enum ServiceAuthorization
{
    /// <summary>The caller's own cluster token, where they brought one (contract F23).</summary>
    Forward,

    /// <summary>A JWT of the gateway's that names the caller and is good for this Service only (contract F24).</summary>
    Identity,

    /// <summary>Nothing.</summary>
    None,

    /// <summary>A configured credential from a Secret (<c>credentialSecretRef</c>).</summary>
    Secret,

    /// <summary>A token of the gateway's service account for a configured audience (<c>serviceAccountToken</c>).</summary>
    ServiceAccountToken,
}
