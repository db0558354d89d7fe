using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Files;

namespace Fairlead.Tests.Configuration;

/// <summary>Loads configurations from a folder of its own, with an environment of its own.</summary>
internal sealed class Loading : IDisposable
{
    public TempFolder Folder { get; } = new();

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public List<ConfigurationOverride> Overrides { get; } = [];

    public string ServiceAccountDirectory => Folder.Of("account");

    public Loading InPod()
    {
        Folder.Write("account/ca.crt", "ca");
        Folder.Write("account/token", "token");
        Environment["KUBERNETES_SERVICE_HOST"] = "10.96.0.1";
        Environment["KUBERNETES_SERVICE_PORT"] = "443";
        return this;
    }

    public ConfigurationResult Load(string yaml) => LoadFiles(Folder.Write("fairlead.yaml", yaml));

    public ConfigurationResult LoadFiles(params string[] files) =>
        ConfigurationLoader.Load(files, Environment, Overrides, ServiceAccountDirectory, Folder.Path);

    public GatewayOptions Options(string yaml) => Good(Load(yaml));

    /// <summary>The one error that <paramref name="yaml"/> gives.</summary>
    public ConfigurationError Error(string yaml)
    {
        var result = Load(yaml);
        result.Options.Should().BeNull();
        return result.Errors.Should().ContainSingle().Subject;
    }

    /// <summary>Options with one <c>config</c> source that holds the cluster <paramref name="keys"/>, a map in flow style without braces.</summary>
    public static string Cluster(string keys) => $$"""
        kubernetes:
          clusterLocatorMethods:
            - type: config
              clusters:
                - { {{keys}} }
        """;

    public static GatewayOptions Good(ConfigurationResult result)
    {
        result.Errors.Should().BeEmpty();
        return result.Options!;
    }

    public void Dispose() => Folder.Dispose();
}
