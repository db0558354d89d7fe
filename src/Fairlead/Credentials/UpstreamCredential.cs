using Fairlead.Credentials.Impersonation;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials;

/// <summary>As whom a request arrives at the cluster.</summary>
internal abstract record UpstreamCredential
{
    private UpstreamCredential()
    {
    }

    /// <summary>No credential at all.</summary>
    public static None Nothing { get; } = new();

    /// <summary>The upstream <c>Authorization</c>; null for none.</summary>
    public virtual Secret? Authorization => null;

    /// <summary>Whether the request travels on connections with the gateway's client certificate. Never together with an <see cref="Authorization"/> (contract F19).</summary>
    public virtual bool UsesClientCertificate => false;

    /// <summary>Writes what says who it is onto a request; what the client said of that is gone by then.</summary>
    public void WriteTo(HttpRequestMessage request)
    {
        if (Authorization is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization.Reveal());
        }

        (this as Impersonated)?.User.WriteTo(request);
    }

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

    /// <summary>The caller, by the word of an account that may impersonate.</summary>
    /// <param name="Account">The account.</param>
    /// <param name="User">The caller as the cluster is to see them.</param>
    public sealed record Impersonated(UpstreamCredential Account, ImpersonatedUser User) : UpstreamCredential
    {
        /// <inheritdoc/>
        public override Secret? Authorization => Account.Authorization;

        /// <inheritdoc/>
        public override bool UsesClientCertificate => Account.UsesClientCertificate;
    }

    /// <summary>A JWT of the gateway's own that names the caller to one Service.</summary>
    /// <param name="Value">The whole header value, scheme included.</param>
    public sealed record Identity(Secret Value) : UpstreamCredential
    {
        /// <inheritdoc/>
        public override Secret Authorization => Value;
    }

    /// <summary>What is configured for one Service: from a Secret, or a token of the gateway's account for an audience.</summary>
    /// <param name="Value">The whole header value, scheme included.</param>
    public sealed record Stored(Secret Value) : UpstreamCredential
    {
        /// <inheritdoc/>
        public override Secret Authorization => Value;
    }

    /// <summary>Nothing: the cluster lets everybody in.</summary>
    public sealed record None : UpstreamCredential;
}
