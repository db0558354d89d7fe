namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary>
/// Reads kubeconfig files and merges them by the rules of kubectl: the first file to set a map entry wins, whole entries only;
/// relative paths in a file start from that file.
/// </summary>
public static class KubeconfigReader
{
    /// <summary>Reads <paramref name="paths"/>, the first of which wins.</summary>
    /// <param name="paths">
    /// The files. A missing file is skipped when others are named and one of them exists; a single missing file is an error.
    /// </param>
    public static Kubeconfig Read(IReadOnlyList<string> paths) => throw new NotSupportedException();
}
