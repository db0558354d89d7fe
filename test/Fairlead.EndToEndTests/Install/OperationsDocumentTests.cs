using System.Text.RegularExpressions;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary>The files of <c>docs/operations.md</c>, one upon the other as its commands name them.</summary>
public sealed partial class OperationsDocumentTests
{
    [Fact]
    public async Task Each_step_renders_and_the_gateway_takes_its_configuration()
    {
        using var folder = new TempFolder();
        var text = await File.ReadAllTextAsync(Path.Combine(ExternalTools.RepositoryRoot(), "docs", "operations.md"));
        foreach (Match block in Block().Matches(text))
        {
            folder.Write(block.Groups["name"].Value, block.Groups["text"].Value);
        }

        var steps = Step().Matches(text).Select(static step => step.Groups["file"].Captures.Select(static file => file.Value).ToArray()).ToArray();

        steps.Select(static step => step.Length).Should().Contain([1, 2, 3, 4]);
        foreach (var step in steps)
        {
            using var configuration = new RenderedConfiguration(await Chart.RenderAsync([.. step.SelectMany(file => (string[])["--values", folder.PathOf(file)])]));
            configuration.Result.Errors.Should().BeEmpty();
        }
    }

    [GeneratedRegex(@"```yaml\n# (?<name>[a-z]+\.yaml)\n(?<text>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"helm upgrade (--install )?fairlead deploy/helm/fairlead --namespace fairlead( --values (?<file>[a-z]+\.yaml))+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Step();
}
