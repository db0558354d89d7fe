using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary>The Helm chart, rendered by helm as the release <c>fairlead</c> in the namespace <c>fairlead</c>.</summary>
internal static class Chart
{
    /// <summary>The chart's folder.</summary>
    public static string Folder { get; } = Path.Combine(ExternalTools.RepositoryRoot(), "deploy", "helm", "fairlead");

    /// <summary>The files of values that the chart is checked with; empty is its own.</summary>
    public static TheoryData<string> Values =>
        ["", .. Directory.EnumerateFiles(Path.Combine(Folder, "ci"), "*-values.yaml").Select(static file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    /// <summary>The arguments for one of <see cref="Values"/>.</summary>
    public static string[] With(string values) => values.Length == 0 ? [] : ["--values", Path.Combine(Folder, "ci", values)];

    /// <summary>Renders, or says why not.</summary>
    public static async Task<ProcessResult> TryRenderAsync(params string[] arguments)
    {
        using var helm = new Services.Helm();
        return await helm.TryAsync(["template", "fairlead", Folder, "--namespace", "fairlead", .. arguments]);
    }

    /// <summary>Renders.</summary>
    public static async Task<IReadOnlyList<Manifest>> RenderAsync(params string[] arguments) => Manifest.Read((await TryRenderAsync(arguments)).Succeeded().Output);
}
