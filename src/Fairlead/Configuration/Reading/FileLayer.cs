using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Reading;

/// <summary>One configuration file with its variables replaced and its includes resolved.</summary>
internal static class FileLayer
{
    /// <summary>Reads a file; null when it cannot be used.</summary>
    public static MapNode? Read(string file, string workingDirectory, IReadOnlyDictionary<string, string> environment, ErrorList errors)
    {
        errors.NoteSource(file);
        if (file.Length == 0 || file.Contains('\0', StringComparison.Ordinal))
        {
            errors.Add("", "this is not a file path", new TextOrigin("--config", 0, workingDirectory));
            return null;
        }

        var path = Path.GetFullPath(file, workingDirectory);
        var origin = new TextOrigin(file, 0, Path.GetDirectoryName(path) ?? "/");
        errors.NoteFile(path);
        if (!TextFile.TryRead(path, out var text, out var problem))
        {
            errors.Add("", problem, origin);
            return null;
        }

        var document = YamlDocument.Read(text, file, origin.Directory);
        foreach (var error in document.Errors)
        {
            errors.Add(error.Path, error.Message, error.Origin);
        }

        if (document.Errors.Count > 0)
        {
            return null;
        }

        if (document.Root is null or ScalarNode { Type: ScalarKind.Null })
        {
            return new MapNode([], origin);
        }

        switch (new NodeTransform(environment, errors).Apply(document.Root))
        {
            case MapNode map:
                return map;

            case null:
                return null;

            case { } other:
                errors.Add("", $"a configuration has to be a map of keys, this is {other.Kind}", other.Origin);
                return null;
        }
    }
}
