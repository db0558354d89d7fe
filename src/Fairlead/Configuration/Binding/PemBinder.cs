using Fairlead.Kubernetes.Connections;

namespace Fairlead.Configuration.Binding;

/// <summary>A pair of keys of which one holds base64 and the other names a file.</summary>
internal static class PemBinder
{
    public static PemSource? Bind(Section section, string dataKey, string fileKey, PemContent content)
    {
        var data = section.Text(dataKey);
        var file = section.FilePath(fileKey);
        if (data is not null && file is not null)
        {
            section.Error(dataKey, $"{dataKey} and {fileKey} must not stand together; leave one of them out");
            return null;
        }

        if (data is null)
        {
            return file is null ? null : new PemSource.File(file);
        }

        if (!PemText.TryDecode(data, content, out var source, out var problem))
        {
            section.Error(dataKey, problem);
        }

        return source;
    }
}
