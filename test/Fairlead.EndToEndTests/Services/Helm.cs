using Fairlead.Testing;
using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Services;

/// <summary>helm with folders of its own.</summary>
internal sealed class Helm : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>A folder for what it makes.</summary>
    public string Folder => _folder.Path;

    /// <summary>Runs it.</summary>
    public Task<ProcessResult> TryAsync(params string[] arguments) => ProcessRunner.RunAsync(
        ExternalTools.Helm.Require(),
        arguments,
        new Dictionary<string, string?>
        {
            ["HELM_CACHE_HOME"] = _folder.PathOf("cache"),
            ["HELM_CONFIG_HOME"] = _folder.PathOf("config"),
            ["HELM_DATA_HOME"] = _folder.PathOf("data"),
            ["KUBECONFIG"] = _folder.PathOf("none"),
        },
        workingDirectory: _folder.Path);

    /// <summary>Runs it and expects success.</summary>
    public async Task<string> RunAsync(params string[] arguments) => (await TryAsync(arguments)).Succeeded().Output;

    /// <summary>Makes a repository of the chart <c>hello</c> in two versions, as <c>helm package</c> and <c>helm repo index</c> do it, and gives its folder.</summary>
    public async Task<string> MakeRepositoryAsync()
    {
        var repository = _folder.PathOf("repository");
        Directory.CreateDirectory(repository);
        foreach (var version in new[] { "0.1.0", "0.2.0" })
        {
            _folder.Write("hello/Chart.yaml", $"apiVersion: v2\nname: hello\nversion: {version}\ndescription: Says hello\n");
            _folder.Write("hello/values.yaml", $"greeting: hello from {version}\n");
            _folder.Write("hello/templates/hello.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hello}\ndata: {greeting: '{{ .Values.greeting }}'}\n");
            await RunAsync("package", _folder.PathOf("hello"), "--destination", repository);
        }

        await RunAsync("repo", "index", repository);
        return repository;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
