using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.OwnMachines;

/// <summary>The program as people get it: published by <c>deploy/publish-cli.sh</c>, compiled to native code.</summary>
public sealed class NativeProgramTests
{
    [Fact]
    public async Task It_is_published_without_a_warning_and_runs_without_a_runtime()
    {
        Assert.SkipUnless(ExternalTools.Soak, "compiles for a minute; FAIRLEAD_SOAK=1 runs it");
        using var folder = new TempFolder();
        var kind = $"{(OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        using var publish = Process.Start(new ProcessStartInfo(Path.Combine(ExternalTools.RepositoryRoot(), "deploy", "publish-cli.sh"), [folder.Path, kind]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(publish.StandardOutput.ReadToEndAsync(), publish.StandardError.ReadToEndAsync());
        await publish.WaitForExitAsync();
        publish.ExitCode.Should().Be(0, string.Concat(said));
        string.Concat(said).Should().NotContain("warning");

        var program = folder.PathOf($"{kind}/fairlead");
        var token = folder.Write("token", "machine-token");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_ROOT"] = folder.PathOf("none"), ["HOME"] = folder.Path };
        (await ProcessRunner.RunAsync(program, ["--version"], environment)).Succeeded().Output.Trim().Should().Be(Fairlead.Commands.ProductVersion.Text);
        JsonSerializer.Deserialize<JsonElement>((await ProcessRunner.RunAsync(program, ["credential", "--token-file", token], environment)).Succeeded().Output)
            .GetProperty("status").GetProperty("token").GetString().Should().Be("machine-token");
        (await ProcessRunner.RunAsync(program, ["kubeconfig", "--server", "https://127.0.0.1:1", "--token-file", token], environment)).Errors.Should().Contain("cannot be reached");
    }
}
