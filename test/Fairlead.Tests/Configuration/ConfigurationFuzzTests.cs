using CsCheck;
using Fairlead.Configuration;
using Xunit;

namespace Fairlead.Tests.Configuration;

public sealed class ConfigurationFuzzTests : IDisposable
{
    private static readonly string[] Words =
    [
        "kubernetes:", "clusterLocatorMethods:", "- type: config", "- type: kubeconfig", "clusters:", "- name: a", "name: a", "url: https://h",
        "authProvider: oidc", "authProvider: exec", "exec:", "credentials:", "command: a/b", "command: a\0/b", "args:", "env:", "allowedCommands:", "- /a\0b", "authProvider: serviceAccount", "serviceAccountToken: ${A}", "caData: QQ==", "listen:", "auth:", "static:", "access:", "rules:", "limits:",
        "timeouts:", "tls:", "log:", "baseUrl: /x", "$include: x.yaml", "$file: a\0b", "$env: A", "${A}", "${", "$${", "{", "}", "[", "]", ",",
        ":", "\n", "\n  ", "\n    ", "\n      ", " ", "- ", "&a ", "*a", "!!str ", "'", "\"", "|", "...", "---", "null", "true", "7", "http://[::1]:1",
    ];

    private readonly Loading _loading = new() { Environment = { ["A"] = "a" } };

    [Fact]
    public void T115_random_bytes_give_options_or_errors_and_no_exception() =>
        Gen.Byte.Array[0, 400].Sample(
            bytes =>
            {
                File.WriteAllBytes(_loading.Folder.Of("fairlead.yaml"), bytes);
                return IsSound(_loading.LoadFiles("fairlead.yaml"));
            },
            iter: 2_000,
            threads: 1);

    [Fact]
    public void T115_random_yaml_gives_options_or_errors_and_no_exception() =>
        Gen.Int[0, Words.Length - 1].Array[0, 60].Sample(
            picks => IsSound(_loading.Load(string.Concat(picks.Select(pick => Words[pick])))), iter: 8_000, threads: 1);

    [Fact]
    public void T115_random_variables_give_options_or_errors_and_no_exception() =>
        Gen.Select(Gen.String[0, 20], Gen.String[0, 40]).Sample(
            variable =>
            {
                _loading.Environment.Clear();
                _loading.Environment[$"APP_CONFIG_{variable.Item1}"] = variable.Item2;
                _loading.Environment["APP_CONFIG_kubernetes_clusterLocatorMethods"] = variable.Item2;
                _loading.Environment["KUBECONFIG"] = variable.Item1.Replace("\0", "", StringComparison.Ordinal);
                return IsSound(_loading.Load("baseUrl: ${A:-/}"));
            },
            iter: 2_000,
            threads: 1);

    public void Dispose() => _loading.Dispose();

    private static bool IsSound(ConfigurationResult result) => result.Options is null == result.Errors.Count > 0;
}
