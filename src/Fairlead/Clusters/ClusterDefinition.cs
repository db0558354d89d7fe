using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Clusters;

/// <summary>
/// One cluster as a source has described it: immutable input, compared by value, so that a reload keeps everything
/// (connection pools, running streams) of a cluster whose definition did not change.
/// </summary>
internal sealed record ClusterDefinition
{
    /// <summary>The name of the source, unique among sources (contract F11).</summary>
    public required string Locator { get; init; }

    /// <summary>The cluster's own name; not necessarily unique.</summary>
    public required string Name { get; init; }

    /// <summary>How the API server is reached.</summary>
    public required ClusterConnection Connection { get; init; }

    /// <summary>The credential that requests carry to it.</summary>
    public required CredentialDefinition Credential { get; init; }

    /// <summary>What access rules may know it by besides its name.</summary>
    public ClusterLabels Labels { get; init; } = ClusterLabels.None;

    /// <summary>The display name for <c>/clusters</c>.</summary>
    public string? Title { get; init; }

    /// <summary>A link for <c>/clusters</c>.</summary>
    public string? DashboardUrl { get; init; }

    /// <summary>Whether the gateway runs in this cluster.</summary>
    public bool IsInCluster { get; init; }

    /// <summary>
    /// Whether the gateway is in this cluster's network (<c>inCluster</c>, or <c>network: direct</c>), so that Services are reached
    /// without the API server (decision 18).
    /// </summary>
    public bool IsDirect { get; init; }

    /// <summary>
    /// Why this cluster cannot be used although its configuration can be read, with the key to mend; null when it can.
    /// For the operator: it may name files and is never sent to a client.
    /// </summary>
    public string? Problem { get; init; }

    /// <summary>The name that no other cluster has: <c>locator/name</c> (contract F10).</summary>
    public string QualifiedName => $"{Locator}/{Name}";
}

/// <summary>What kind of credential a cluster's requests carry (contract S29 and section 7).</summary>
internal abstract record CredentialDefinition
{
    private CredentialDefinition()
    {
    }

    /// <summary>The provider's name as <c>GET /api/kubernetes/clusters</c> reports it: always one that the stock front end knows (contract F45, S41).</summary>
    public abstract string ReportedProvider { get; }

    /// <summary>The client certificate that requests to the cluster may travel with; null for none.</summary>
    public virtual ClientCertificateSource? Certificate => null;

    /// <summary>Whether the gateway has an account of its own there, for look-ups.</summary>
    public virtual bool HasAccount => true;

    /// <summary>
    /// A client-side provider: the caller brings a cluster token of their own, in <c>Backstage-Kubernetes-Authorization-{provider}[-{sub}]</c>.
    /// </summary>
    /// <param name="Provider"><c>google</c>, <c>aks</c>, <c>oidc</c> or <c>passThrough</c>.</param>
    /// <param name="OidcTokenProvider">For <c>oidc</c>: the sub-provider, in the case it was configured.</param>
    public sealed record ClientSide(string Provider, string? OidcTokenProvider) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider =>
            string.Equals(Provider, "passThrough", StringComparison.Ordinal) ? "serviceAccount" : Provider;

        /// <inheritdoc/>
        public override bool HasAccount => false;
    }

    /// <summary>A service account's token, written in the configuration.</summary>
    /// <param name="Token">The token.</param>
    public sealed record ServiceAccountToken(Secret Token) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider => "serviceAccount";
    }

    /// <summary>A token in a file that rotates (a projected service account token, kubeconfig <c>tokenFile</c>).</summary>
    /// <param name="Path">The absolute path.</param>
    public sealed record TokenFile(string Path) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider => "serviceAccount";
    }

    /// <summary>A TLS client certificate (contract F20).</summary>
    /// <param name="Source">Certificate and key.</param>
    public sealed record ClientCertificate(ClientCertificateSource Source) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override ClientCertificateSource Certificate => Source;

        /// <inheritdoc/>
        public override string ReportedProvider => "serviceAccount";
    }

    /// <summary>The caller, by the word of an account that may do nothing but impersonate.</summary>
    /// <param name="Impersonator">That account.</param>
    /// <param name="Account">The account for the gateway's own look-ups; null for none.</param>
    /// <param name="Rules">Who is impersonated, and as whom.</param>
    public sealed record Impersonate(CredentialDefinition Impersonator, CredentialDefinition? Account, ImpersonationDefinition Rules) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override ClientCertificateSource? Certificate => Impersonator.Certificate;

        /// <inheritdoc/>
        public override bool HasAccount => Account is not null;

        /// <inheritdoc/>
        public override string ReportedProvider => "serviceAccount";
    }

    /// <summary>No credential: the cluster lets everybody in (contract F21).</summary>
    /// <param name="ReportedProvider">The provider's name in <c>/clusters</c>.</param>
    public sealed record None(string ReportedProvider) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider { get; } = ReportedProvider;
    }

    /// <summary>A provider that this version cannot serve; the cluster is reachable with the caller's own cluster token only.</summary>
    /// <param name="Provider">The provider's configured name.</param>
    public sealed record Unavailable(string Provider) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider => Provider is "aws" or "azure" or "googleServiceAccount" ? Provider : "serviceAccount";

        /// <inheritdoc/>
        public override bool HasAccount => false;
    }
}
