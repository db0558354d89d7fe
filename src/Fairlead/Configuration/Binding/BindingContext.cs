using Fairlead.Configuration.Reading;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Configuration.Binding;

/// <summary>What the binding of all sections shares: where errors and notices go, and what the process finds around it.</summary>
internal sealed class BindingContext(
    ErrorList errors, IReadOnlyDictionary<string, string> environment, string serviceAccountDirectory, string workingDirectory)
{
    private readonly List<string> _notices = [];
    private readonly List<string> _withoutEffect = [];

    public ErrorList Errors { get; } = errors;

    public IReadOnlyDictionary<string, string> Environment { get; } = environment;

    public string ServiceAccountDirectory { get; } = serviceAccountDirectory;

    public string WorkingDirectory { get; } = workingDirectory;

    /// <summary><c>kubernetes.googleServiceAccountCredentials</c>, which is read before the clusters; null for the ambient account.</summary>
    public Secret? GoogleKey { get; set; }

    public void Notice(string text) => _notices.Add(text);

    public void WithoutEffect(string path) => _withoutEffect.Add(path);

    /// <summary>All notices; keys without effect make one together.</summary>
    public IReadOnlyList<string> Notices() =>
        _withoutEffect.Count == 0
            ? [.. _notices]
            : [.. _notices, $"these keys are accepted and have no effect here: {string.Join(", ", _withoutEffect.Distinct(StringComparer.Ordinal))}"];
}
