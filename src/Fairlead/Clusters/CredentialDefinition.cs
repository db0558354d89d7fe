using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Clusters;

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
        /// <summary>
        /// Whether it also takes what the caller's identity provider has issued to the gateway: never where others than the operator say where the cluster is, who could collect logins that way.
        /// </summary>
        public bool TakesIssuedTokens { get; init; } = true;

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

    /// <summary>A TLS client certificate in a Secret of type <c>kubernetes.io/tls</c>, which rotates.</summary>
    /// <param name="Cluster">The cluster that holds the Secret; null for the one that the gateway runs in.</param>
    /// <param name="Namespace">The Secret's namespace.</param>
    /// <param name="Secret">The Secret's name.</param>
    public sealed record CertificateSecret(string? Cluster, string Namespace, string Secret) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider => "serviceAccount";
    }

    /// <summary>A credential plugin (<c>exec</c>).</summary>
    /// <param name="Plugin">The plugin.</param>
    /// <param name="Settings">Whether it may be run, and how long.</param>
    public sealed record Exec(ExecPlugin Plugin, ExecSettings Settings) : CredentialDefinition
    {
        /// <summary>The credential of <paramref name="plugin"/>; one that is not available where nothing in <paramref name="settings"/> lets it be run.</summary>
        public static CredentialDefinition Of(ExecPlugin plugin, ExecSettings settings) => settings.For(plugin.Command) is { AllowedCommands.Count: > 0 } own
            ? new Exec(plugin, own)
            : new Unavailable("exec", new ExecPluginException(plugin.Command, ExecSettings.WhatToAdd(plugin.Command)).Message);

        /// <inheritdoc/>
        public override string ReportedProvider => "serviceAccount";
    }

    /// <summary>Amazon EKS: a pre-signed <c>GetCallerIdentity</c> of the process's AWS identity, or of a role that it assumes (contract S29).</summary>
    /// <param name="ClusterId">What <c>x-k8s-aws-id</c> says.</param>
    /// <param name="Region">The region of the STS endpoint; null for <c>AWS_REGION</c>, else <c>us-east-1</c>.</param>
    /// <param name="AssumeRole">The ARN of the role; null for none.</param>
    /// <param name="ExternalId">The external id to assume it with; null for none.</param>
    public sealed record Aws(string ClusterId, string? Region, string? AssumeRole, string? ExternalId) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider => "aws";
    }

    /// <summary>Azure AKS: a token of the process's Azure identity for the AKS server application (contract S29).</summary>
    public sealed record Azure : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider => "azure";
    }

    /// <summary>Google GKE: an access token of a Google service account (contract S29).</summary>
    /// <param name="Key">Its JSON key (<c>googleServiceAccountCredentials</c>); null for the process's ambient account.</param>
    public sealed record GoogleServiceAccount(Secret? Key) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider => "googleServiceAccount";
    }

    /// <summary>No credential: the cluster lets everybody in (contract F21).</summary>
    /// <param name="ReportedProvider">The provider's name in <c>/clusters</c>.</param>
    public sealed record None(string ReportedProvider) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider { get; } = ReportedProvider;
    }

    /// <summary>
    /// A kind of credential that no gateway serves (<c>username</c> and <c>auth-provider</c> of a kubeconfig), or a plugin that may not be run; the cluster is reachable with the
    /// caller's own cluster token only.
    /// </summary>
    /// <param name="Kind">What it is called where it is configured.</param>
    /// <param name="Problem">Why there is none, for the operator; null where that was said already.</param>
    public sealed record Unavailable(string Kind, string? Problem = null) : CredentialDefinition
    {
        /// <inheritdoc/>
        public override string ReportedProvider => "serviceAccount";

        /// <inheritdoc/>
        public override bool HasAccount => false;
    }
}
