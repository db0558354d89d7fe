using Fairlead.Kubernetes.Connections;

namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary>A pair of keys <c>name</c> (a file) and <c>name-data</c> (base64).</summary>
internal static class KubeconfigPem
{
    public static PemSource? Read(KubeconfigEntry entry, string key, PemContent content, KubeconfigProblems problems)
    {
        var dataKey = $"{key}-data";
        var path = entry.FilePath(key, problems);
        var data = entry.Text(dataKey, problems);
        if (path is not null && data is not null)
        {
            problems.Add(entry, dataKey, $"must not stand together with {key}");
            return null;
        }

        if (data is null)
        {
            return path is null ? null : new PemSource.File(path);
        }

        if (!PemText.TryDecode(data, content, out var source, out var problem))
        {
            problems.Add(entry, dataKey, problem);
        }

        return source;
    }
}
