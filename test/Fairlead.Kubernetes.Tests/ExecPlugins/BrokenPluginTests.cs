using System.Diagnostics;
using AwesomeAssertions;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.Kubernetes.Tests.ExecPlugins;

/// <summary>T92: whatever a plugin does, it is bounded, and what it prints is in no message.</summary>
public sealed class BrokenPluginTests : IDisposable
{
    private const string Sentinel = "SENTINEL";

    private readonly PluginFolder _plugins = new();

    public void Dispose() => _plugins.Dispose();

    [Theory]
    [InlineData("echo SENTINEL; echo SENTINEL >&2; exit 3", "ended with exit code 3")]
    [InlineData("kill -9 $$", "ended with exit code 137")]
    [InlineData("", "printed nothing")]
    [InlineData("echo SENTINEL >&2", "printed nothing")]
    [InlineData("echo SENTINEL", "not an ExecCredential in JSON")]
    [InlineData("echo '{\"SENTINEL\": SENTINEL}'", "not an ExecCredential in JSON")]
    [InlineData("echo '{\"kind\":\"SENTINEL\"}'", "another kind than ExecCredential")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"SENTINEL\"}'", "another apiVersion than client.authentication.k8s.io/v1")]
    [InlineData("echo SENTINEL; exec yes SENTINEL", "printed more than 65536 bytes")]
    [InlineData("head -c 100000000 /dev/zero", "printed more than 65536 bytes")]
    public async Task T92_A_plugin_that_fails_is_named_with_the_reason_and_nothing_of_its_output(string script, string reason)
    {
        var failed = await FailAsync(() => _plugins.RunAsync(script, static settings => settings with { MaxOutput = 64 * 1024 }));

        failed.Message.Should().Contain(reason).And.StartWith($"credential plugin '{_plugins.Folder.Of("plugin")}'");
        failed.ToString().Should().NotContain(Sentinel);
    }

    [Theory]
    [InlineData("sleep 1000")]
    [InlineData("trap '' TERM INT HUP; while :; do sleep 1; done")]
    [InlineData("exec 1>&- 2>&-; sleep 1000")]
    [InlineData("sleep 1000 & echo $! > child; wait")]
    [InlineData("(sleep 1000 & echo $! > child; wait); true")]
    [InlineData("yes SENTINEL >&2")]
    public async Task T92_A_plugin_that_hangs_is_ended_with_its_children(string script)
    {
        var failed = await FailAsync(() => _plugins.RunAsync(
            $"cd '{_plugins.Folder.Path}'; echo $$ > self; {script}", static settings => settings with { Timeout = TimeSpan.FromSeconds(1) }));

        failed.Message.Should().Contain("did not end within 1 s");
        foreach (var file in script.Contains("child", StringComparison.Ordinal) ? ["self", "child"] : new[] { "self" })
        {
            var number = await _plugins.NumberAsync(file);
            await Eventually.BeTrueAsync(() => !PluginFolder.Runs(number), "the process is gone");
        }
    }

    [Fact]
    public async Task T92_A_plugin_that_prints_too_much_is_ended_at_once()
    {
        await FailAsync(() => _plugins.RunAsync($"echo $$ > '{_plugins.Folder.Of("self")}'; while :; do echo SENTINEL; done"));

        var number = await _plugins.NumberAsync("self");
        await Eventually.BeTrueAsync(() => !PluginFolder.Runs(number), "the process is gone");
    }

    [Fact]
    public async Task T92_Who_waits_no_longer_ends_the_plugin()
    {
        using var cancelled = new CancellationTokenSource();
        var path = _plugins.Script($"echo $$ > '{_plugins.Folder.Of("self")}'; sleep 1000");
        var run = new ExecPluginRunner(TimeProvider.System).RunAsync(new ExecPlugin { Command = path, ApiVersion = ExecApiVersion.V1 }, PluginFolder.Any(path), cancelled.Token);
        var number = await _plugins.NumberAsync("self");

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await Eventually.BeTrueAsync(() => !PluginFolder.Runs(number), "the process is gone");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public async Task T92_A_child_that_is_left_behind_and_holds_the_pipes_holds_nobody_up(int exitCode)
    {
        var script = $"sleep 1000 & echo $! > '{_plugins.Folder.Of("child")}'; printf %s '{PluginFolder.Good}'; exit {exitCode}";

        var run = () => _plugins.RunAsync(script);

        if (exitCode == 0)
        {
            (await run()).Token!.Reveal().Should().Be("t");
        }
        else
        {
            (await FailAsync(run)).Message.Should().Contain("exit code 4");
        }

        using var child = Process.GetProcessById(await _plugins.NumberAsync("child"));
        child.Kill();
    }

    [Fact]
    public async Task T92_What_a_plugin_complains_about_stops_it_at_no_full_pipe()
    {
        var given = await _plugins.RunAsync($"yes SENTINEL | head -c 3000000 >&2; printf %s '{PluginFolder.Good}'");

        given.Token!.Reveal().Should().Be("t");
    }

    [Theory]
    [InlineData("/nowhere/plugin", "does not exist: /nowhere/plugin")]
    [InlineData("fairlead-no-such-plugin", "is in no folder of PATH")]
    [InlineData("relative/plugin", "is no absolute path")]
    [InlineData("/tmp", "is a folder: /tmp")]
    public async Task A_command_that_cannot_be_run_is_named_with_its_path(string command, string reason) =>
        (await FailAsync(() => PluginFolder.RunAsync(new ExecPlugin { Command = command, ApiVersion = ExecApiVersion.V1 }))).Message.Should().Contain(reason);

    [Fact]
    public async Task A_file_without_the_right_to_execute_or_an_interpreter_is_named()
    {
        var path = _plugins.Script("true", UnixFileMode.UserRead);
        (await FailAsync(() => PluginFolder.RunAsync(new ExecPlugin { Command = path, ApiVersion = ExecApiVersion.V1 }))).Message.Should().Contain("may not be executed");
        File.Delete(path);
        _plugins.Script("true", interpreter: "#!/nowhere/sh\n");
        (await FailAsync(() => PluginFolder.RunAsync(new ExecPlugin { Command = path, ApiVersion = ExecApiVersion.V1 }))).Message.Should().Contain("or the interpreter that it names");
        File.Delete(path);
        _plugins.Script("true", interpreter: "");
        (await FailAsync(() => PluginFolder.RunAsync(new ExecPlugin { Command = path, ApiVersion = ExecApiVersion.V1 }))).Message.Should().Contain("no program for this machine");
    }

    [Fact]
    public async Task A_NUL_in_an_argument_is_refused_rather_than_cut()
    {
        var path = _plugins.Script("true");

        (await FailAsync(() => PluginFolder.RunAsync(new ExecPlugin { Command = path, Arguments = ["a\0b"], ApiVersion = ExecApiVersion.V1 }))).Message.Should().Contain("NUL");
    }

    [Fact]
    public async Task A_plugin_that_nobody_has_allowed_is_not_started()
    {
        var path = _plugins.Script($"touch '{_plugins.Folder.Of("ran")}'");

        (await FailAsync(() => PluginFolder.RunAsync(new ExecPlugin { Command = path, ApiVersion = ExecApiVersion.V1 }, static _ => new ExecSettings())))
            .Message.Should().Contain($"credentials.exec.allowedCommands: [{path}]");
        File.Exists(_plugins.Folder.Of("ran")).Should().BeFalse();
    }

    private static Task<ExecPluginException> FailAsync(Func<Task<ExecCredential>> run) => Assert.ThrowsAsync<ExecPluginException>(run);
}
