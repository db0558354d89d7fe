using System.Text.RegularExpressions;
using AwesomeAssertions;
using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Kubectl;

/// <summary>Runs a client with a kubeconfig and makes its output comparable.</summary>
internal static partial class CommandRunner
{
    /// <summary>Runs <paramref name="tool"/> and expects success.</summary>
    public static async Task<string> RunAsync(ExternalTool tool, string kubeconfig, string arguments, string stdin = "")
    {
        var result = await TryAsync(tool, kubeconfig, arguments, stdin);
        result.ExitCode.Should().Be(0, "{0} {1} should succeed: {2}", tool.Name, arguments, result.Output + result.Errors);
        return result.Output;
    }

    /// <summary>Runs <paramref name="tool"/>.</summary>
    public static Task<ProcessResult> TryAsync(ExternalTool tool, string kubeconfig, string arguments, string stdin = "") =>
        ProcessRunner.RunAsync(
            tool.Require(),
            arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["KUBECONFIG"] = kubeconfig },
            stdin);

    /// <summary>The output without what differs from run to run: times, ages, identifiers, versions of objects.</summary>
    public static string Normalise(string output)
    {
        output = Timestamps().Replace(output, "TIME");
        output = Identifiers().Replace(output, "UID");
        output = Versions().Replace(output, "resourceVersion: V");
        output = Ages().Replace(output, "AGE");
        return Blanks().Replace(output, " ").Trim();
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( \+0000 UTC|Z)?|(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} +\d+ [\d:]+ \d{4}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Timestamps();

    [GeneratedRegex(@"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Identifiers();

    [GeneratedRegex("resourceVersion: \"?\\d+\"?|\"resourceVersion\": *\"\\d+\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Versions();

    [GeneratedRegex(@"(?<=\s)(\d+[dhms])+(?=\s|$)|<unknown>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ages();

    [GeneratedRegex("[ \t]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Blanks();
}
