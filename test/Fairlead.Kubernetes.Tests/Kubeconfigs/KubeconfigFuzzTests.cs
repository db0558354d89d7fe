using System.Globalization;
using System.Text;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Kubeconfigs;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Kubeconfigs;

public sealed class KubeconfigFuzzTests
{
    private static readonly string[] Words =
    [
        "clusters:", "users:", "contexts:", "- name: a", "  name: a", "cluster:", "user:", "context:", "{", "}", "[", "]", ",", ":", "- ",
        "\n", "\n  ", "\n    ", "server: https://h", "token: t", "token: *x", "&x ", "!!str ", "!t", "|", ">", "'", "\"", "\\", "---", "...",
        "exec: {}", "exec: { command: a/b, args: [", "env: [{ name: x }", "apiVersion: client.authentication.k8s.io/v1", "interactiveMode: Never", "provideClusterInfo: true", "extensions: [", "certificate-authority-data: QQ==", "client-key: a", "tokenFile: a\0b", "? ", "%TAG ! x", "\t", "#c", "null", "~", "<<: *x",
    ];

    private static readonly Gen<string> Fragments =
        Gen.Int[0, Words.Length - 1].Array[0, 60].Select(picks => string.Concat(picks.Select(pick => Words[pick])));

    [Fact]
    public void T115_random_bytes_never_crash_the_reader()
    {
        using var folder = new TempFolder();
        var path = folder.Of("config");
        Gen.Byte.Array[0, 400].Sample(
            bytes =>
            {
                File.WriteAllBytes(path, bytes);
                return KubeconfigReader.Read([path]) is { Contexts: not null, Errors: not null };
            },
            iter: 2_000,
            threads: 1);
    }

    [Fact]
    public void T115_random_yaml_never_crashes_the_reader()
    {
        using var folder = new TempFolder();
        var path = folder.Of("config");
        Fragments.Sample(
            text =>
            {
                File.WriteAllText(path, text, Encoding.UTF8);
                return KubeconfigReader.Read([path]) is { Contexts: not null, Errors: not null };
            },
            iter: 20_000,
            threads: 1);
    }

    [Fact]
    public void T115_aliases_that_multiply_without_end_are_refused()
    {
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 12; i++)
        {
            bomb.Append(CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        YamlDocument.Read(bomb.ToString(), "bomb", "/").Errors.Should().ContainSingle()
            .Which.Message.Should().Contain("aliases (*name) stand for more than 20000 values");
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void T115_nesting_without_end_is_refused(char open) =>
        YamlDocument.Read(new string(open, 50_000), "deep", "/").Errors.Should().ContainSingle();
}
