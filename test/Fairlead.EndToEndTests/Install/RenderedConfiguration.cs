using System.Text.RegularExpressions;
using Fairlead.Configuration;
using Fairlead.Testing;

namespace Fairlead.EndToEndTests.Install;

/// <summary>The configuration that a chart or a folder of kustomize gives the pods, with everything that it names below <c>/etc/fairlead</c> there.</summary>
internal sealed partial class RenderedConfiguration : IDisposable
{
    private readonly TempFolder _folder = new();

    public RenderedConfiguration(IEnumerable<Manifest> objects)
    {
        Text = objects.Single(static item => item.Kind is "ConfigMap").Text("data", "fairlead.yaml").Replace("/etc/fairlead", _folder.Path, StringComparison.Ordinal);
        foreach (var path in Mounted().EnumerateMatches(Text))
        {
            var name = Text.AsSpan(path.Index + 1, path.Length - 1);
            if (name.StartsWith(_folder.Path))
            {
                _folder.Write(name[(_folder.Path.Length + 1)..].ToString(), "a secret of more than 32 characters");
            }
        }

        Result = ConfigurationLoader.Load(
            [_folder.Write("config/fairlead.yaml", Text)],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["REDIS_PASSWORD"] = "secret", ["KUBERNETES_SERVICE_HOST"] = "127.0.0.1", ["KUBERNETES_SERVICE_PORT"] = "6443" });
    }

    /// <summary>The text, with paths of this machine.</summary>
    public string Text { get; }

    /// <summary>What the gateway reads.</summary>
    public ConfigurationResult Result { get; }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    [GeneratedRegex(@"\s/[\w./-]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Mounted();
}
