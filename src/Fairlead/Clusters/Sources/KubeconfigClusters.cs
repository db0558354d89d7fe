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

    private static readonly string[] _leftovers = [".bak", ".orig", ".save", ".swp", ".tmp"];

    /// <summary>Reads the files, which merge, and the folders, in which no file knows of another.</summary>
    public static ClusterSourceResult Read(ClusterLocator.Kubeconfig locator)
    {
        // Stamped before they are read: a change in between is seen at the next look.
        List<SourceFile> stamped = [.. locator.Paths.Select(SourceFile.Of)];
        var folders = locator.Paths.Where(Directory.Exists).ToArray();
        string[] files = [.. locator.Paths.Except(folders, StringComparer.Ordinal)];
        var problems = new List<string>();
        var read = new List<(string? Scope, KubeconfigContext Context)>();
        var unread = new List<string?>();
        var scopes = new List<(string Folder, string Scope)>();
        var unreadFolders = files.Where(static path => !File.Exists(path)).ToList();
        if (files.Length > 0)
        {
            Add(null, files, KubeconfigReader.Read(files));
        }

        foreach (var folder in folders)
        {
            if (FilesIn(folder) is not { } inside)
            {
                // Without its stamp: what keeps it from being listed need not change it when it ends.
                stamped[stamped.FindIndex(one => string.Equals(one.Path, folder, StringComparison.Ordinal))] = new SourceFile(folder, default);
                unreadFolders.Add(folder);
                problems.Add($"source '{locator.Name}': {folder}: the folder cannot be read");
                continue;
            }

            foreach (var file in inside)
            {
                var scope = Path.GetFileNameWithoutExtension(file);
                stamped.Add(SourceFile.Of(file));
                scopes.Add((folder, scope));
                if (HasContent(file))
                {
                    Add(scope, [file], KubeconfigReader.Read([file]));
                }
                else
                {
                    unread.Add(scope);
                }
            }
        }

        if (problems.Count == 0)
        {
            problems.AddRange(locator.Contexts
                .Except(read.Select(static one => one.Context.Name), StringComparer.Ordinal)
                .Select(name => $"source '{locator.Name}': no context '{NodePath.Printable(name)}' in {string.Join(", ", locator.Paths)}"));
        }

        var wanted = locator.Contexts.ToHashSet(StringComparer.Ordinal);
        var contexts = read.Where(one =>
            (wanted.Count == 0 || wanted.Contains(one.Context.Name)) && !locator.SkippedContexts.Contains(one.Context.Name, StringComparer.Ordinal));
        return new ClusterSourceResult([.. contexts.Select(one => Cluster(locator, one.Scope, one.Context))], problems)
        {
            Files = stamped,
            Unread = unread,
            UnreadFolders = unreadFolders,
            FolderScopes = scopes,
        };

        void Add(string? scope, string[] paths, Kubeconfig kubeconfig)
        {
            if (kubeconfig.Errors.Count > 0 && paths.Any(File.Exists))
            {
                unread.Add(scope);
            }

            problems.AddRange(kubeconfig.Errors.Select(error => $"source '{locator.Name}': {error}"));
            read.AddRange(kubeconfig.Contexts.Select(context => (scope, context)));
        }
    }


    /// <summary>The files of a folder, without its own folders, without hidden ones (what a mounted ConfigMap consists of) and without what editors leave behind; null where it cannot be listed.</summary>
    private static string[]? FilesIn(string folder)
    {
        try
        {
            return [.. Directory.GetFiles(folder).Where(static file => !IsPassedOver(Path.GetFileName(file))).Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What has no length is just being written, or is a pipe: whoever opens that waits for ever.</summary>
    private static bool HasContent(string file)
    {
        var info = new FileInfo(file);
        return (info.LinkTarget is null ? info : info.ResolveLinkTarget(returnFinalTarget: true)) is FileInfo { Exists: true, Length: > 0 };
    }

    private static bool IsPassedOver(string name) =>
        name[0] is '.' || name[^1] is '~' || (name[0] is '#' && name[^1] is '#') || _leftovers.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static ClusterDefinition Cluster(ClusterLocator.Kubeconfig locator, string? scope, KubeconfigContext context)
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
            Scope = scope,
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
