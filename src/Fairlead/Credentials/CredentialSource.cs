using Fairlead.Clusters;
using Fairlead.Credentials.Minting;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials;

/// <summary>Gives the credential that the gateway holds for a cluster. Asked only after the decision (contract F5).</summary>
internal abstract class CredentialSource
{
    private protected CredentialSource()
    {
    }

    /// <summary>The credential, or what is wrong with its source.</summary>
    public abstract ValueTask<CredentialResult> GetAsync(CancellationToken cancellationToken);

    /// <summary>Whether another credential may be had, and may be better than one that the cluster has just refused.</summary>
    public virtual bool MayRenew(UpstreamCredential rejected) => false;

    /// <summary>A credential to use instead of one that the cluster has refused. Only after <see cref="MayRenew"/>.</summary>
    public virtual ValueTask<CredentialResult> RenewAsync(UpstreamCredential rejected, CancellationToken cancellationToken) => GetAsync(cancellationToken);

    /// <summary>The source for <paramref name="definition"/>.</summary>
    /// <param name="definition">What kind of credential it is.</param>
    /// <param name="minters">Those that have to be obtained; null where there are none.</param>
    public static CredentialSource For(CredentialDefinition definition, Minters? minters = null) => definition switch
    {
        CredentialDefinition.ServiceAccountToken account => new Constant(new UpstreamCredential.ServiceAccount(Bearer(account.Token))),
        CredentialDefinition.TokenFile file => new File(new FileToken(file.Path)),
        CredentialDefinition.ClientCertificate certificate => new Constant(new UpstreamCredential.ClientCertificate(certificate.Source)),
        CredentialDefinition.None => new Constant(new UpstreamCredential.None()),
        CredentialDefinition.Unavailable missing => new Broken(missing.Problem ?? $"'{missing.Kind}' is a kind of credential that is not served; send a cluster token of the caller's own"),
        CredentialDefinition.Impersonate { Account: { } account } => For(account, minters),
        CredentialDefinition.Impersonate => new Broken("the cluster has no account for the gateway's own look-ups; serviceAccountToken names one"),
        CredentialDefinition.ClientSide => new Broken("the credential of this cluster is the caller's own"),
        _ when minters?.Find(definition) is { } minted => minted,
        _ => throw new ArgumentOutOfRangeException(nameof(definition), definition, "a credential without a source"),
    };

    private static Secret Bearer(Secret token) => new("Bearer " + token.Reveal());

    private sealed class Constant(UpstreamCredential credential) : CredentialSource
    {
        private readonly CredentialResult _result = new(credential, null);

        public override ValueTask<CredentialResult> GetAsync(CancellationToken cancellationToken) => new(_result);
    }

    private sealed class Broken(string problem) : CredentialSource
    {
        public override ValueTask<CredentialResult> GetAsync(CancellationToken cancellationToken) => new(new CredentialResult(null, problem));
    }

    private sealed class File(FileToken token) : CredentialSource
    {
        public override ValueTask<CredentialResult> GetAsync(CancellationToken cancellationToken) => new(token.Read());
    }
}

/// <summary>A credential, or what the operator should know about its absence.</summary>
/// <param name="Credential">The credential.</param>
/// <param name="Problem">What is wrong; for the log, never for a client.</param>
internal readonly record struct CredentialResult(UpstreamCredential? Credential, string? Problem);
