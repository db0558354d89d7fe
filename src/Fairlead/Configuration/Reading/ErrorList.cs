using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Reading;

/// <summary>Collects errors and the files that were looked at, and gives the errors back in the order of the files.</summary>
internal sealed class ErrorList
{
    private readonly List<(ConfigurationError Error, TextOrigin? Origin)> _errors = [];
    private readonly List<string> _sources = [];
    private readonly List<SourceFile> _files = [];

    public int Count => _errors.Count;

    /// <summary>All files that were looked at, each once, as they were before that.</summary>
    public IReadOnlyList<SourceFile> Files => [.. _files];

    public void Add(string path, string message, TextOrigin? origin) =>
        _errors.Add((new ConfigurationError(path, message, origin?.ToString()), origin));

    /// <summary>Notes a source; errors are listed in the order in which their sources were noted.</summary>
    public void NoteSource(string source) => _sources.Add(source);

    /// <summary>Notes a file, before it is read.</summary>
    public void NoteFile(string fullPath)
    {
        if (!_files.Exists(file => string.Equals(file.Path, fullPath, StringComparison.Ordinal)))
        {
            _files.Add(SourceFile.Of(fullPath));
        }
    }

    public IReadOnlyList<ConfigurationError> InFileOrder() =>
        [.. _errors.OrderBy(e => Rank(e.Origin)).ThenBy(e => e.Origin?.Line ?? 0).Select(e => e.Error).Distinct()];

    private int Rank(TextOrigin? origin) =>
        origin is not null && _sources.IndexOf(origin.Source) is >= 0 and var rank ? rank : int.MaxValue;
}
