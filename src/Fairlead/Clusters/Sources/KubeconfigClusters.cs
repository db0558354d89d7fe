using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Kubeconfigs;

namespace Fairlead.Clusters.Sources;

/// <summary>Makes a cluster of every kubeconfig context; the context's name is the cluster's.</summary>
internal static class KubeconfigClusters
{
    // The connection of a cluster whose own is not known. Nothing is sent there: the definition has a problem, and RFC 2606 keeps
    // the name from ever resolving.
    private static readonly ClusterConnection Unknown = new() { Server = new Uri("https://cluster.invalid") };

    public static ClusterSourceResult Read(ClusterLocator.Kubeconfig locator)
    {
        // Stamped before they are read: a change in between is seen at the next look.
        SourceFile[] files = [.. locator.Paths.Select(static path => new SourceFile(path, FileStamp.Of(path)))];
        var kubeconfig = KubeconfigReader.Read(locator.Paths);
        var problems = kubeconfig.Errors.Select(error => $"source '{locator.Name}': {error}").ToList();
        var wanted = locator.Contexts.ToHashSet(StringComparer.Ordinal);
        if (problems.Count == 0)
        {
            problems.AddRange(wanted
                .Except(kubeconfig.Contexts.Select(context => context.Name), StringComparer.Ordinal)
                .Select(name => $"source '{locator.Name}': no context '{NodePath.Printable(name)}' in {string.Join(", ", locator.Paths)}"));
        }

        var contexts = kubeconfig.Contexts.Where(context =>
            (wanted.Count == 0 || wanted.Contains(context.Name)) && !locator.SkippedContexts.Contains(context.Name, StringComparer.Ordinal));
        return new ClusterSourceResult([.. contexts.Select(context => Cluster(locator, context))], problems) { Files = files };
    }

    private static ClusterDefinition Cluster(ClusterLocator.Kubeconfig locator, KubeconfigContext context)
    {
        // What is wrong with the gateway's credential alone stays with that: callers' own tokens need none of it.
        var problems = context.Problems.Except(context.Credential is KubeconfigCredential.Unsupported unsupported ? unsupported.Problems : [], StringComparer.Ordinal).ToList();
        if (!ClusterNames.IsUsable(context.Name))
        {
            problems.Add($"{context.File}: context '{NodePath.Printable(context.Name)}': the name {ClusterNames.Rule}");
        }

        return new ClusterDefinition
        {
            Locator = locator.Name,
            Name = context.Name,
            Connection = context.Connection ?? Unknown,
            Credential = Credential(context.Credential, locator.Exec),
            Problem = Joined(problems),
        };
    }

    private static string? Joined(IReadOnlyCollection<string> problems) => problems.Count == 0 ? null : string.Join("; ", problems);

    private static CredentialDefinition Credential(KubeconfigCredential? credential, ExecSettings exec) => credential switch
    {
        KubeconfigCredential.Token token => new CredentialDefinition.ServiceAccountToken(token.Value),
        KubeconfigCredential.TokenFile file => new CredentialDefinition.TokenFile(file.Path),
        KubeconfigCredential.ClientCertificate certificate => new CredentialDefinition.ClientCertificate(certificate.Source),
        KubeconfigCredential.Exec plugin => CredentialDefinition.Exec.Of(plugin.Plugin, exec),
        KubeconfigCredential.Unsupported unsupported => new CredentialDefinition.Unavailable(unsupported.Kind, Joined(unsupported.Problems)),
        _ => new CredentialDefinition.None("serviceAccount"),
    };
}
