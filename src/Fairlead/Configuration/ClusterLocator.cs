using Fairlead.Clusters;
using Fairlead.Kubernetes;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Configuration;

/// <summary>A source of clusters.</summary>
/// <param name="Name">The locator's unique name, the first part of qualified cluster names.</param>
internal abstract record ClusterLocator(string Name)
{
    /// <summary>What is put before the names of its clusters (<c>prefix</c>); empty for nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Other names for its clusters (<c>aliases</c>), by <c>name</c> or <c>scope/name</c> as the source has them.</summary>
    public ValueList<KeyValuePair<string, string>> Aliases { get; init; } = [];

    /// <summary>Clusters written in the configuration.</summary>
    /// <param name="Name">The locator's name.</param>
    /// <param name="Clusters">The clusters, names unique within.</param>
    public sealed record Config(string Name, IReadOnlyList<ClusterDefinition> Clusters) : ClusterLocator(Name);

    /// <summary>The contexts of one or several kubeconfig files, merged by the rules of KUBECONFIG, and of folders, in which every file is read on its own.</summary>
    /// <param name="Name">The locator's name.</param>
    /// <param name="Paths">Absolute paths of files, the first of which wins, and of folders.</param>
    /// <param name="Contexts">Context names to take; empty means all.</param>
    public sealed record Kubeconfig(string Name, ValueList<string> Paths, ValueList<string> Contexts) : ClusterLocator(Name)
    {
        /// <summary>Context names to leave out.</summary>
        public ValueList<string> SkippedContexts { get; init; } = [];

        /// <summary>Which credential plugins its users may have.</summary>
        public ExecSettings Exec { get; init; } = new();
    }

    /// <summary>The cluster that this process runs in, under its mounted service account.</summary>
    /// <param name="Name">The locator's name.</param>
    /// <param name="ClusterName">The cluster's name; <c>main</c> unless configured (Headlamp's name for it).</param>
    public sealed record InCluster(string Name, string ClusterName) : ClusterLocator(Name);

    /// <summary>A source that is asked over the network, in the background: nothing waits for it, and what it has said last stands while it cannot be asked.</summary>
    /// <param name="Name">The locator's name.</param>
    /// <param name="Refresh">How often it is asked (<c>refresh</c>).</param>
    public abstract record Remote(string Name, TimeSpan Refresh) : ClusterLocator(Name)
    {
        /// <summary>What says which clusters it has: what it has said stands as long as this stays the same, however it is asked and whatever its clusters are called.</summary>
        public abstract Remote Subject();

        /// <summary>
        /// Whether its clusters may have what the gateway holds, its own cloud identity and the logins of its callers (<c>dangerouslyAllowGatewayCredentials</c>): whoever writes to the source then chooses
        /// which server gets a token of them.
        /// </summary>
        public bool AllowsGatewayCredentials { get; init; }
    }

    /// <summary>Entities of kind <c>Resource</c> and type <c>kubernetes-cluster</c> in a Backstage catalog (contract S39, F51).</summary>
    /// <param name="Name">The locator's name.</param>
    /// <param name="Refresh">How often it is asked.</param>
    public sealed record BackstageCatalog(string Name, TimeSpan Refresh) : Remote(Name, Refresh)
    {
        /// <summary>The portal backend, without a slash at the end (<c>url</c>, else <c>auth.backstage.url</c>); null where neither is configured.</summary>
        public Uri? Url { get; init; }

        /// <summary>The token that the catalog is asked with (<c>token</c>, else <c>auth.backstage.token</c>); null for none.</summary>
        public Secret? Token { get; init; }

        /// <summary>A file that holds it, and may change (<c>tokenFile</c>); null for none.</summary>
        public string? TokenFile { get; init; }

        /// <summary>The authorities that the portal's certificate is checked against (<c>caFile</c>, else <c>auth.backstage.caFile</c>); null for those of the system.</summary>
        public string? CaFile { get; init; }

        /// <summary>Hosts (exact or <c>*.suffix</c>) of clusters that may be http or not public (<c>dangerouslyAllowClusterUrls</c>).</summary>
        public ValueList<string> AllowedHosts { get; init; } = [];

        /// <summary>The key of the Google account for entities with <c>googleServiceAccount</c> (<c>kubernetes.googleServiceAccountCredentials</c>); null for the ambient one.</summary>
        public Secret? GoogleKey { get; init; }

        /// <summary>Whether the annotation that skips the check of a cluster's certificate counts (<c>dangerouslyAllowSkipTLSVerify</c>).</summary>
        public bool AllowsSkipTlsVerify { get; init; }

        /// <inheritdoc/>
        public override Remote Subject() => this with { Refresh = default, Token = null, TokenFile = null, CaFile = null, GoogleKey = null, Prefix = "", Aliases = [] };
    }

    /// <summary>The clusters of a Google Cloud project (GKE API <c>projects.locations.clusters.list</c>).</summary>
    /// <param name="Name">The locator's name.</param>
    /// <param name="Refresh">How often it is asked.</param>
    /// <param name="ProjectId">The project.</param>
    public sealed record Gke(string Name, TimeSpan Refresh, string ProjectId) : Remote(Name, Refresh)
    {
        /// <summary>The location, <c>-</c> for all of them (<c>region</c>).</summary>
        public string Region { get; init; } = "-";

        /// <summary>Whether callers bring their own Google token (<c>authProvider: google</c>), or the gateway uses its service account.</summary>
        public bool UsesServiceAccount { get; init; }

        /// <summary>The JSON key of the account that the API is asked with, and the clusters too (<c>kubernetes.googleServiceAccountCredentials</c>); null for the ambient one.</summary>
        public Secret? Key { get; init; }

        /// <summary>Whether the clusters' certificates are not checked (<c>skipTLSVerify</c>).</summary>
        public bool SkipTlsVerify { get; init; }

        /// <summary>Whether <c>/clusters</c> links to Google's console (<c>exposeDashboard</c>).</summary>
        public bool ExposesDashboard { get; init; }

        /// <summary>Labels that a cluster has to have, all of them (<c>matchingResourceLabels</c>).</summary>
        public ValueList<KeyValuePair<string, string>> Labels { get; init; } = [];

        /// <summary>Whether the DNS endpoint is used where a cluster has one (<c>endpointType: dns</c>).</summary>
        public bool UsesDnsEndpoint { get; init; }

        /// <summary>The API (<c>endpoint</c>), without a slash at the end.</summary>
        public Uri Endpoint { get; init; } = new("https://container.googleapis.com");

        /// <summary>The authorities that its certificate is checked against (<c>caFile</c>); null for those of the system.</summary>
        public string? CaFile { get; init; }

        /// <inheritdoc/>
        public override Remote Subject() => this with { Refresh = default, CaFile = null, Key = null, ExposesDashboard = false, Prefix = "", Aliases = [] };
    }

    /// <summary>Secrets that describe clusters: Argo CD's cluster Secrets and the kubeconfigs of Cluster API.</summary>
    /// <param name="Name">The locator's name.</param>
    /// <param name="Refresh">How often they are read.</param>
    public sealed record ClusterSecrets(string Name, TimeSpan Refresh) : Remote(Name, Refresh)
    {
        /// <summary>The cluster that holds them (<c>cluster</c>); null for the one that the gateway runs in.</summary>
        public string? Cluster { get; init; }

        /// <summary>Their namespace (<c>namespace</c>); null for all.</summary>
        public string? Namespace { get; init; }

        /// <summary>Which Secrets (<c>labelSelector</c>).</summary>
        public required string LabelSelector { get; init; }

        /// <summary>What is in them (<c>format</c>).</summary>
        public required ClusterSecretFormat Format { get; init; }

        /// <inheritdoc/>
        public override Remote Subject() => this with { Refresh = default, Prefix = "", Aliases = [] };
    }

    /// <summary>A <c>kubectl proxy</c> on this machine: the cluster <c>local</c> at port 8001.</summary>
    /// <param name="Name">The locator's name.</param>
    public sealed record LocalKubectlProxy(string Name) : ClusterLocator(Name);
}

/// <summary>How a Secret describes a cluster.</summary>
internal enum ClusterSecretFormat
{
    /// <summary>Argo CD's declarative clusters: <c>name</c>, <c>server</c> and <c>config</c>.</summary>
    ArgoCd,

    /// <summary>A kubeconfig in <c>value</c>, as Cluster API keeps it.</summary>
    ClusterApi,
}
