using System.Runtime.InteropServices;
using AwesomeAssertions;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Kubectl;

/// <summary>exec and logs through the cluster door: kubectl 1.34 over WebSockets, kubectl 1.20 over SPDY.</summary>
public sealed class StreamTests(Fleet fleet)
{
    /// <summary>Both kinds of cluster with both kubectls.</summary>
    public static TheoryData<ClusterKind, string> Matrix => ObjectTests.Matrix;

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task A_command_runs_and_its_output_comes_back(ClusterKind kind, string version)
    {
        var target = await fleet.GetAsync(kind);

        var output = await CommandRunner.RunAsync(ObjectTests.Tool(version), target.ThroughGateway, "exec shell -- echo hello from the pod");

        output.Should().Be("hello from the pod\n");
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Standard_input_goes_in_and_comes_back(ClusterKind kind, string version)
    {
        var target = await fleet.GetAsync(kind);
        var input = string.Concat(Enumerable.Range(0, 5000).Select(static i => $"line {i}\n"));

        var output = await CommandRunner.RunAsync(ObjectTests.Tool(version), target.ThroughGateway, "exec -i shell -- cat", input);

        output.Should().Be(input);
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task The_exit_code_of_a_command_comes_back(ClusterKind kind, string version)
    {
        var target = await fleet.GetAsync(kind);

        var result = await CommandRunner.TryAsync(ObjectTests.Tool(version), target.ThroughGateway, "exec shell -- exit 7");

        result.ExitCode.Should().Be(7, result.ToString());
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task A_callers_own_token_without_the_right_opens_no_shell(ClusterKind kind, string version)
    {
        var target = await fleet.GetAsync(kind);

        var result = await CommandRunner.TryAsync(ObjectTests.Tool(version), target.AsUserThroughGateway, "exec shell -- echo never");

        result.ExitCode.Should().NotBe(0);
        result.Errors.Should().Contain("orbidden");
        result.Output.Should().NotContain("never");
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task A_followed_log_shows_each_line_as_it_is_written(ClusterKind kind, string version)
    {
        var target = await fleet.GetAsync(kind);
        await using var logs = RunningProcess.Start(
            ObjectTests.Tool(version).Require(),
            ["logs", "-f", "shell"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["KUBECONFIG"] = target.ThroughGateway });

        await logs.WaitForLineAsync("shell line 1$");
        await logs.WaitForLineAsync("shell line 8$");

        logs.Signal(PosixSignal.SIGTERM);
        await logs.WaitForExitAsync();
    }
}
