using System.Globalization;
using AwesomeAssertions;
using Fairlead.HostileTests.Faults;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.HostileTests.Secrets;

/// <summary>Nobody looks into the process, and nothing of its memory is left behind, whatever the environment says.</summary>
public sealed class SealedProcessTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>What somebody sets who wants a dump of every crash: of the runtime, and of the kernel with the limit below.</summary>
    private Dictionary<string, string?> Open => new(StringComparer.Ordinal)
    {
        ["TMPDIR"] = _folder.Path,
        ["DOTNET_EnableDiagnostics"] = "1",
        ["DOTNET_DbgEnableMiniDump"] = "1",
        ["COMPlus_DbgEnableMiniDump"] = "1",
        ["DOTNET_DbgMiniDumpType"] = "1",
        ["DOTNET_DbgMiniDumpName"] = _folder.PathOf("dump.%p"),
    };

    /// <summary>What writes while it runs, whether diagnostics are on or not.</summary>
    private Dictionary<string, string?> Traced => new(StringComparer.Ordinal)
    {
        ["TMPDIR"] = _folder.Path,
        ["DOTNET_EnableDiagnostics"] = "0",
        ["DOTNET_EnableEventPipe"] = "1",
        ["DOTNET_EventPipeOutputPath"] = _folder.PathOf("events-{pid}.nettrace"),
        ["DOTNET_EventPipeConfig"] = "*:ffffffffffffffff:5",
        ["DOTNET_EventPipeOutputStreaming"] = "1",
        ["DOTNET_StressLog"] = "1",
        ["DOTNET_StressLogFilename"] = _folder.PathOf("stress-{pid}.log"),
        ["DOTNET_LogFacility"] = "ffffffff",
        ["DOTNET_LogLevel"] = "9",
        ["DOTNET_TotalStressLogSize"] = "8000000",
    };

    private string[] Through => ["sh", "-c", $"cd '{_folder.Path}' && ulimit -c \"$(ulimit -H -c)\" && exec \"$@\"", "sh"];

    private string[] Left => [.. Directory.EnumerateFiles(_folder.Path).Select(static file => Path.GetFileName(file))];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SignalNumber.Abort)]
    [InlineData(SignalNumber.Segmentation)]
    [InlineData(SignalNumber.CpuTimeExceeded)]
    [InlineData(SignalNumber.Kill)]
    public async Task T73_A_process_that_is_killed_or_crashes_leaves_no_dump(int signal)
    {
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", "http://127.0.0.1:1")], environment: Open, through: Through);
        await EndAsync(world.Gateway.Process, signal);

        Left.Should().BeEmpty(world.Gateway.Process.Transcript().Replace("{", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task T73_A_process_that_runs_out_of_memory_leaves_no_dump()
    {
        var environment = Open;
        environment["DOTNET_GCHeapHardLimit"] = "0x400000";
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", "http://127.0.0.1:1")], environment: environment, through: Through);
        await Eventually.BeTrueAsync(
            async () =>
            {
                try
                {
                    await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => FloodAsync(world)));
                }
                catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or TimeoutException)
                {
                    // It is gone, or refuses.
                }

                return world.Gateway.Process.HasExited;
            },
            "it runs out of memory");

        (await world.Gateway.Process.WaitForExitAsync()).Should().NotBe(0);
        world.Gateway.Process.Transcript().Should().Contain("emory");
        Left.Should().BeEmpty();
    }

    [Fact]
    public async Task T73_There_is_no_port_for_debuggers_and_nothing_written_for_profilers()
    {
        var environment = Open;
        environment["COMPlus_EnableDiagnostics"] = "1";
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", "http://127.0.0.1:1")], environment: environment);

        Left.Should().BeEmpty();
        (await File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{world.Gateway.Process.Id}/limits"))).Should().MatchRegex(@"Max core file size +0 +0 ");
    }

    [Theory]
    [InlineData("DOTNET_", "0")]
    [InlineData("DOTNET_", "1")]
    [InlineData("COMPlus_", "0")]
    public async Task T73_No_trace_of_events_and_no_log_of_the_runtime_is_written(string prefix, string diagnostics)
    {
        var environment = Traced.ToDictionary(pair => pair.Key.Replace("DOTNET_", prefix, StringComparison.Ordinal), static pair => pair.Value, StringComparer.Ordinal);
        environment["DOTNET_EnableDiagnostics"] = diagnostics;
        // An empty one is none to the runtime, which looks for the other then.
        environment.TryAdd("DOTNET_EnableEventPipe", "");
        environment["DOTNET_DiagnosticPorts"] = _folder.PathOf("port") + ",listen,nosuspend";
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", "http://127.0.0.1:1")], environment: environment);
        (await world.SendAsync("a", "/api/v1/pods")).Status.Should().Be(502);

        Left.Should().BeEmpty();
        (await world.Gateway.StopAsync()).Should().BeOneOf(0, 143);
        Left.Should().BeEmpty();
    }

    [Fact]
    public async Task T73_A_device_that_a_trace_was_sent_to_is_still_there()
    {
        var environment = Traced;
        environment["DOTNET_EventPipeOutputPath"] = environment["DOTNET_StressLogFilename"] = "/dev/null";
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", "http://127.0.0.1:1")], environment: environment);

        File.Exists("/dev/null").Should().BeTrue();
    }

    [Fact]
    public async Task A_process_that_nobody_has_closed_writes_its_events_and_its_log()
    {
        await using var process = RunningProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Fairlead.UpstreamProgram.dll"), "127.0.0.1", "0"], Traced);
        await process.WaitForLineAsync("^listens on ");

        Left.Should().Contain(static file => file.StartsWith("events-", StringComparison.Ordinal)).And.Contain(static file => file.StartsWith("stress-", StringComparison.Ordinal));
    }

    /// <summary>Without these the tests above could pass because nothing ever leaves a dump here.</summary>
    [Theory]
    [InlineData(SignalNumber.Abort)]
    [InlineData(SignalNumber.Segmentation)]
    public async Task An_open_process_has_ports_and_leaves_a_dump(int signal)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Fairlead.UpstreamProgram.dll");
        await using var process = RunningProcess.Start("sh", [.. Through[1..], "dotnet", program, "127.0.0.1", "0"], Open);
        await process.WaitForLineAsync("^listens on ");
        Left.Should().Contain(static file => file.StartsWith("dotnet-diagnostic-", StringComparison.Ordinal)).And.Contain(static file => file.StartsWith("clr-debug-pipe-", StringComparison.Ordinal));

        await EndAsync(process, signal);

        Left.Should().Contain(static file => file.StartsWith("dump.", StringComparison.Ordinal) || file.StartsWith("core", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_starts_as_nobody_in_particular_and_with_nothing_that_it_may_write()
    {
        FaultyWorld.SkipUnlessRoot("Becoming somebody else");
        var (app, settings) = (_folder.PathOf("app"), _folder.PathOf("settings"));
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")],
            environment: new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_EnableDiagnostics"] = "1" },
            audit: "/dev/null",
            // The configuration is in a folder that only its owner may open: it is mounted where everybody may.
            through:
            [
                "unshare", "--mount", "sh", "-c",
                $"dll=$2; config=$5; mkdir {app} {settings} && chmod a+rwx {_folder.Path} && mount --bind \"${{dll%/*}}\" {app} && mount -t tmpfs tmpfs {settings} && cp \"$config\" {settings}/fairlead.yaml && chmod -R a+rX {settings}"
                + " && mount -o remount,bind,ro / && for mount in $(cut -d' ' -f5 /proc/self/mountinfo); do case $mount in /proc*|/sys*|/dev*) ;; *) mount -o remount,bind,ro \"$mount\" 2>/dev/null || true ;; esac; done"
                + $" && exec setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all sh -c 'touch {_folder.Path}/x 2>/dev/null && echo WRITABLE; exec dotnet {app}/fairlead.dll serve --config {settings}/fairlead.yaml'",
                "sh",
            ]);

        (await world.SendAsync("a", "/api/v1/pods")).Status.Should().Be(200);
        world.Gateway.Process.Output.Should().NotContain("WRITABLE");
        var process = string.Create(CultureInfo.InvariantCulture, $"/proc/{world.Gateway.Process.Id}/");
        (await ProcessRunner.RunAsync("stat", ["--format=%u", process + "status", process + "environ"])).Output.Should().Be("0\n0\n", "what is the user's own when a process may be looked into is root's");
        (await File.ReadAllTextAsync(process + "status")).Should().MatchRegex(@"Uid:\s65534\s");
    }

    private static async Task FloodAsync(FaultyWorld world)
    {
        await using var client = await Testing.Clients.RawClient.ConnectAsync(world.Port);
        await client.WriteAsync(FaultyWorld.Request("a", "/api/v1/pods", "POST").With("X-Filling", new string('x', 60_000)).With("Content-Length", "1000000").ToHttp11());
        await client.WriteAsync(new byte[64 * 1024]);
    }

    /// <summary>Twice at most: the runtime swallows the first of some signals that come from outside.</summary>
    private static async Task EndAsync(RunningProcess process, int signal)
    {
        process.Signal(signal);
        // A second one must not come while the first is being followed.
        for (var waits = 0; waits < 100 && !process.HasExited; waits++)
        {
            await Task.Delay(10);
        }

        if (!process.HasExited)
        {
            process.Signal(signal);
        }

        (await process.WaitForExitAsync()).Should().NotBe(0);
    }
}
