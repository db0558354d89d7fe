using System.Runtime.InteropServices;
using AwesomeAssertions;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.Tests.Testing;

public sealed class ProcessTests
{
    [Fact]
    public async Task A_command_gets_arguments_environment_and_input_as_given()
    {
        var result = await ProcessRunner.RunAsync(
            "/bin/sh",
            ["-c", "cat; echo \"[$1] $FAIRLEAD_A\"; echo wrong >&2; exit 3", "sh", "a b"],
            new Dictionary<string, string?> { ["FAIRLEAD_A"] = "1" },
            standardInput: "in:");

        result.Should().Be(new ProcessResult(3, "in:[a b] 1\n", "wrong\n"));
        FluentActions.Invoking(result.Succeeded).Should().Throw<InvalidOperationException>().WithMessage("*wrong*");
    }

    [Fact]
    public async Task A_running_process_shows_its_lines_and_takes_signals()
    {
        await using var process = RunningProcess.Start("/bin/sh", ["-c", "trap 'echo bye; exit 7' TERM; echo port 4711 >&2; while :; do sleep 0.02; done"]);

        var line = await process.WaitForLineAsync(@"port (\d+)");
        process.Signal(PosixSignal.SIGTERM);

        line.Groups[1].Value.Should().Be("4711");
        (await process.WaitForExitAsync()).Should().Be(7);
        process.Output.Should().Equal("bye");
    }

    [Fact]
    public async Task A_process_that_ends_without_the_line_fails_the_wait_at_once()
    {
        await using var process = RunningProcess.Start("/bin/sh", ["-c", "echo something else"]);

        await FluentActions.Awaiting(() => process.WaitForLineAsync("listening"))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*something else*");
    }

    [Fact]
    public async Task The_built_server_can_be_started()
    {
        await using var gateway = GatewayProcess.Start(["--version"]);

        (await gateway.Process.WaitForExitAsync()).Should().Be(0, gateway.Process.Transcript());
    }

    [Fact]
    public void A_tool_that_is_missing_says_what_to_do()
    {
        var tool = new ExternalTool("frobnicator", "FAIRLEAD_NO_SUCH_TOOL", ["/nonexistent/frobnicator"]);

        tool.IsAvailable.Should().BeFalse();
        FluentActions.Invoking(tool.Require).Should().Throw<InvalidOperationException>().WithMessage("*run ./test.sh*");
    }
}
