namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary>
/// Reads kubeconfig files and merges them by the rules of kubectl: the first file to set a map entry wins, whole entries only;
/// relative paths in a file start from that file.
/// </summary>
public static class KubeconfigReader
{
    /// <summary>Reads <paramref name="paths"/>, the first of which wins. Never throws for what the files hold.</summary>
    /// <param name="paths">
    /// The files. A missing file is skipped when others are named and one of them exists; a single missing file is an error.
    /// When one file cannot be read, no context of any file is given: the broken file might have won over the others.
    /// </param>
    public static Kubeconfig Read(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var errors = new List<KubeconfigError>();
        var files = new List<KubeconfigFile>();
        foreach (var path in paths)
        {
            if ((paths.Count == 1 || File.Exists(path) || Directory.Exists(path)) && KubeconfigFile.Read(path, errors) is { } file)
            {
                files.Add(file);
            }
        }

        if (files.Count == 0 && errors.Count == 0)
        {
            errors.Add(new KubeconfigError(string.Join(Path.PathSeparator, paths), null, "none of these files exists"));
        }

        return errors.Count > 0 ? new Kubeconfig([], null, errors) : Merged(files);
    }

    /// <summary>Reads a kubeconfig that stands in no file, and whose writer need not be trusted: contexts that name files or programs have problems. Never throws for what it holds.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">What messages call it.</param>
    public static Kubeconfig ReadText(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(source);
        var errors = new List<KubeconfigError>();
        return KubeconfigFile.Parse(text, source, "", errors) is { } file ? Merged([file]) : new Kubeconfig([], null, errors);
    }

    private static Kubeconfig Merged(List<KubeconfigFile> files)
    {
        var clusters = Merge(files, file => file.Clusters);
        var users = Merge(files, file => file.Users);
        var contexts = Merge(files, file => file.Contexts).Values.Select(context => Resolve(context, clusters, users));
        return new Kubeconfig([.. contexts], files.Select(file => file.CurrentContext).FirstOrDefault(name => name is not null), []);
    }

    private static OrderedDictionary<string, KubeconfigEntry> Merge(
        IReadOnlyList<KubeconfigFile> files, Func<KubeconfigFile, IEnumerable<KubeconfigEntry>> section)
    {
        var merged = new OrderedDictionary<string, KubeconfigEntry>(StringComparer.Ordinal);
        foreach (var entry in files.SelectMany(section))
        {
            merged.TryAdd(entry.Name, entry);
        }

        return merged;
    }

    private static KubeconfigContext Resolve(
        KubeconfigEntry context,
        OrderedDictionary<string, KubeconfigEntry> clusters,
        OrderedDictionary<string, KubeconfigEntry> users)
    {
        var problems = new KubeconfigProblems(context.Name);
        problems.AddIfTwice(context, "contexts");
        var clusterName = context.Text("cluster", problems);
        var userName = context.Text("user", problems);
        var cluster = Find(clusters, clusterName, "cluster", "clusters", context, problems);
        var user = Find(users, userName, "user", "users", context, problems);
        var connection = cluster is null ? null : KubeconfigCluster.Read(cluster, problems);
        return new KubeconfigContext
        {
            Name = context.Name,
            File = context.File,
            Namespace = context.Text("namespace", problems),
            Connection = connection,
            Credential = user is null ? null : KubeconfigUser.Read(user, cluster, connection, problems),
            Problems = problems.ToList(),
        };
    }

    private static KubeconfigEntry? Find(
        OrderedDictionary<string, KubeconfigEntry> entries,
        string? name,
        string key,
        string section,
        KubeconfigEntry context,
        KubeconfigProblems problems)
    {
        if (string.IsNullOrEmpty(name))
        {
            problems.Add(context, key, "is missing");
            return null;
        }

        if (!entries.TryGetValue(name, out var entry))
        {
            problems.Add(context, key, $"names an entry that no file has under '{section}'");
            return null;
        }

        problems.AddIfTwice(entry, section);
        return entry;
    }
}
