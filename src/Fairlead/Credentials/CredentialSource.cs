using Fairlead.Clusters;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials;

/// <summary>Gives the credential that the gateway holds for a cluster. Asked only after the decision (contract F5).</summary>
internal abstract class CredentialSource
{
    private CredentialSource()
    {
    }

    /// <summary>The credential, or what is wrong with its source.</summary>
    public abstract ValueTask<CredentialResult> GetAsync(CancellationToken cancellationToken);

    /// <summary>The source for <paramref name="definition"/>.</summary>
    public static CredentialSource For(CredentialDefinition definition) => definition switch
    {
        CredentialDefinition.ServiceAccountToken account => new Constant(new UpstreamCredential.ServiceAccount(Bearer(account.Token))),
        CredentialDefinition.TokenFile file => new File(new FileToken(file.Path)),
        CredentialDefinition.ClientCertificate => new Constant(new UpstreamCredential.ClientCertificate()),
        CredentialDefinition.None => new Constant(new UpstreamCredential.None()),
        CredentialDefinition.Unavailable missing => new Broken($"authProvider '{missing.Provider}' is not served by this version; send a cluster token of the caller's own"),
        CredentialDefinition.Impersonate { Account: { } account } => For(account),
        CredentialDefinition.Impersonate => new Broken("the cluster has no account for the gateway's own look-ups; serviceAccountToken names one"),
        CredentialDefinition.ClientSide => new Broken("the credential of this cluster is the caller's own"),
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
