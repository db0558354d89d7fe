using Fairlead.Credentials.Impersonation;
using Fairlead.Kubernetes.Connections;
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

    /// <summary>The client certificate of the connections that the request travels on; null for none. Never one together with a caller's <see cref="Authorization"/> (contract F19).</summary>
    public virtual ClientCertificateSource? Certificate => null;

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
    /// <param name="Source">Certificate and key.</param>
    public sealed record ClientCertificate(ClientCertificateSource Source) : UpstreamCredential
    {
        /// <inheritdoc/>
        public override ClientCertificateSource Certificate => Source;
    }

    /// <summary>What the gateway has obtained for the cluster: from a cloud, a credential plugin, a Secret.</summary>
    /// <param name="Value">The whole header value, scheme included; null for none.</param>
    /// <param name="Source">Certificate and key; null for none. A plugin may give both: then both are its own.</param>
    public sealed record Minted(Secret? Value, ClientCertificateSource? Source = null) : UpstreamCredential
    {
        /// <inheritdoc/>
        public override Secret? Authorization => Value;

        /// <inheritdoc/>
        public override ClientCertificateSource? Certificate => Source;
    }

    /// <summary>The caller, by the word of an account that may impersonate.</summary>
    /// <param name="Account">The account.</param>
    /// <param name="User">The caller as the cluster is to see them.</param>
    public sealed record Impersonated(UpstreamCredential Account, ImpersonatedUser User) : UpstreamCredential
    {
        /// <inheritdoc/>
        public override Secret? Authorization => Account.Authorization;

        /// <inheritdoc/>
        public override ClientCertificateSource? Certificate => Account.Certificate;
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
