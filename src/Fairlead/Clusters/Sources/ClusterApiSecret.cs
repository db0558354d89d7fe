using Fairlead.Kubernetes.Kubeconfigs;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Clusters.Sources;

/// <summary>The kubeconfig that Cluster API keeps for a cluster: the Secret <c>{cluster}-kubeconfig</c> with the key <c>value</c>. Its others with the same label hold keys of the cluster itself.</summary>
internal static class ClusterApiSecret
{
    private const string NameLabel = "cluster.x-k8s.io/cluster-name";
    private const string SecretType = "cluster.x-k8s.io/secret";

    /// <summary>Reads one.</summary>
    public static ClusterSecret Read(SecretObject secret)
    {
        if (secret.Metadata?.Labels?.GetValueOrDefault(NameLabel) is not { Length: > 0 } name
            || !string.Equals(secret.Type, SecretType, StringComparison.Ordinal)
            || !string.Equals(secret.Metadata.Name, name + "-kubeconfig", StringComparison.Ordinal))
        {
            return new ClusterSecret.Unrelated();
        }

        if (ClusterSecret.Text(secret, "value") is not { } text)
        {
            return new ClusterSecret.Broken("value is missing or not base64");
        }

        var kubeconfig = KubeconfigReader.ReadText(text, "value");
        if (kubeconfig.Errors is [var error, ..])
        {
            // What it says may hold a key of the document, and in a document that is none, a key may be anything.
            return new ClusterSecret.Broken($"value is no kubeconfig: look at line {error.Line ?? 1}");
        }

        var context = kubeconfig.Contexts.FirstOrDefault(one => string.Equals(one.Name, kubeconfig.CurrentContext, StringComparison.Ordinal))
            ?? (kubeconfig is { CurrentContext: null, Contexts: [var only] } ? only : null);
        if (context is null)
        {
            return new ClusterSecret.Broken("value has no current context");
        }

        if (context.Connection is not { } connection)
        {
            return new ClusterSecret.Broken(string.Join("; ", context.Problems));
        }

        // What is wrong with the gateway's credential alone stays with that: callers' own tokens need none of it.
        var problems = context.Problems.Except(context.Credential is KubeconfigCredential.Unsupported unsupported ? unsupported.Problems : [], StringComparer.Ordinal).ToArray();
        return new ClusterSecret.Described(name, connection, Credential(context.Credential), problems.Length == 0 ? null : string.Join("; ", problems));
    }

    /// <summary>What a Secret may bring along: nothing that is read from a file or comes of a program.</summary>
    private static CredentialDefinition Credential(KubeconfigCredential? credential) => credential switch
    {
        KubeconfigCredential.Token token => new CredentialDefinition.ServiceAccountToken(token.Value),
        KubeconfigCredential.ClientCertificate certificate => new CredentialDefinition.ClientCertificate(certificate.Source),
        KubeconfigCredential.None => new CredentialDefinition.None("serviceAccount"),
        KubeconfigCredential.Unsupported unsupported => new CredentialDefinition.Unavailable(unsupported.Kind, string.Join("; ", unsupported.Problems)),
        _ => new CredentialDefinition.Unavailable("kubeconfig"),
    };
}
