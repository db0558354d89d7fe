using Fairlead.Clusters.Sources;
using Fairlead.Configuration.Binding;
using Fairlead.Configuration.Reading;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration;

/// <summary>Turns configuration files, environment and command line into <see cref="GatewayOptions"/>, or into everything that is wrong with them.</summary>
internal static class ConfigurationLoader
{
    /// <summary>Reads, merges and checks a configuration. Never throws for what the configuration says.</summary>
    /// <param name="files">
    /// Configuration files, merged left to right: maps merge, lists replace. With none, and no source of clusters from elsewhere, the
    /// clusters are those of the current kubeconfig, or the one that this process runs in.
    /// </param>
    /// <param name="environment">The environment: <c>${VAR}</c>, <c>APP_CONFIG_*</c>, <c>KUBECONFIG</c>, <c>HOME</c>, <c>KUBERNETES_SERVICE_*</c>.</param>
    /// <param name="overrides">Values of the command line, merged last.</param>
    /// <param name="serviceAccountDirectory">Where a pod's service account is mounted.</param>
    /// <param name="workingDirectory">Where relative paths of the command line and the environment start; null for the process's own.</param>
    public static ConfigurationResult Load(
        IReadOnlyList<string> files,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyList<ConfigurationOverride>? overrides = null,
        string serviceAccountDirectory = InClusterAccount.DefaultDirectory,
        string? workingDirectory = null)
    {
        var directory = workingDirectory ?? Environment.CurrentDirectory;
        var errors = new ErrorList();
        DocumentNode tree = new MapNode([], new TextOrigin("configuration", 0, directory));
        foreach (var file in files)
        {
            tree = FileLayer.Read(file, directory, environment, errors) is { } layer ? NodeMerge.Merge(tree, layer) : tree;
        }

        tree = EnvironmentLayer.Read(environment, directory, errors) is { } variables ? NodeMerge.Merge(tree, variables) : tree;
        tree = OverrideLayer.Apply(tree, WithDefaultSource(files, tree, overrides ?? [], environment, serviceAccountDirectory, directory), directory, errors);

        // A file that could not be read would make every key that it sets look missing.
        return errors.Count > 0 ? Failed(errors) : Bind(tree, new BindingContext(errors, environment, serviceAccountDirectory, directory));
    }

    private static ConfigurationResult Bind(DocumentNode tree, BindingContext context)
    {
        var options = GatewayBinder.Bind(new Section((MapNode)tree, "", context));
        if (context.Errors.Count > 0)
        {
            return Failed(context.Errors);
        }

        StartNotices.Add(options, tree, context);
        var files = context.Errors.Files;
        return new ConfigurationResult(options with { Notices = context.Notices(), Files = files }, []) { Files = files };
    }

    private static ConfigurationResult Failed(ErrorList errors) => new(null, errors.InFileOrder()) { Files = errors.Files };

    private static IReadOnlyList<ConfigurationOverride> WithDefaultSource(
        IReadOnlyList<string> files,
        DocumentNode tree,
        IReadOnlyList<ConfigurationOverride> overrides,
        IReadOnlyDictionary<string, string> environment,
        string serviceAccountDirectory,
        string workingDirectory)
    {
        if (files.Count > 0 || OverrideLayer.ConfiguredLocators(tree) is not null || overrides.Any(one => one.ClusterSource is not null))
        {
            return overrides;
        }

        var kubeconfigs = KubeconfigLocatorBinder.DefaultPaths(environment, workingDirectory);
        return kubeconfigs.Any(File.Exists) ? [.. overrides, ConfigurationOverride.Kubeconfig(string.Join(Path.PathSeparator, kubeconfigs), "the default")]
            : InClusterAccount.FindMounted(environment, serviceAccountDirectory) is not null ? [.. overrides, ConfigurationOverride.InCluster("the default")]
            : overrides;
    }
}
