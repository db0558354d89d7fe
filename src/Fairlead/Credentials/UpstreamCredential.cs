using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials;

/// <summary>As whom a request arrives at the cluster.</summary>
internal abstract record UpstreamCredential
{
    private UpstreamCredential()
    {
    }

    /// <summary>The upstream <c>Authorization</c>; null for none.</summary>
    public virtual Secret? Authorization => null;

    /// <summary>Whether the request travels on connections with the gateway's client certificate. Never together with an <see cref="Authorization"/> (contract F19).</summary>
    public virtual bool UsesClientCertificate => false;

    /// <summary>The caller's own cluster token.</summary>
    /// <param name="Value">The whole header value, scheme included.</param>
    public sealed record PassThrough(Secret Value) : UpstreamCredential
    {
        /// <inheritdoc/>
        public override Secret Authorization => Value;
    }

    /// <summary>A service account's token.</summary>
    /// <param name="Value">The whole header value, scheme included.</param>
    public sealed record ServiceAccount(Secret Value) : UpstreamCredential
    {
        /// <inheritdoc/>
        public override Secret Authorization => Value;
    }

    /// <summary>The gateway's client certificate for the cluster.</summary>
    public sealed record ClientCertificate : UpstreamCredential
    {
        /// <inheritdoc/>
        public override bool UsesClientCertificate => true;
    }

    /// <summary>Nothing: the cluster lets everybody in.</summary>
    public sealed record None : UpstreamCredential;
}
