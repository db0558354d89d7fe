using System.Text.Json.Nodes;
using AwesomeAssertions;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary><c>deploy/kustomize</c>: the chart without helm.</summary>
public sealed class KustomizeTests
{
    [Fact]
    public async Task The_base_is_what_the_chart_renders()
    {
        var chart = (await Chart.RenderAsync()).ToDictionary(static item => item.Id, Plain, StringComparer.Ordinal);
        var plain = (await BuildAsync("base")).ToDictionary(static item => item.Id, Plain, StringComparer.Ordinal);

        plain.Keys.Should().BeEquivalentTo(chart.Keys.Append("Namespace fairlead"));
        foreach (var (id, text) in chart)
        {
            plain[id].Should().Be(text, id);
        }
    }

    [Fact]
    public async Task The_overlay_is_two_replicas_whose_configuration_the_gateway_takes()
    {
        var objects = await BuildAsync("two-replicas");

        objects.Single(static item => item is { Kind: "Deployment", Name: "fairlead" }).Text("spec", "replicas").Should().Be("2");
        objects.Should().ContainSingle(static item => item.Kind.Equals("PodDisruptionBudget", StringComparison.Ordinal));
        using var configuration = new RenderedConfiguration(objects);
        configuration.Result.Errors.Should().BeEmpty();
        configuration.Result.Options!.Sessions.Redis.Should().NotBeNull();
    }

    /// <summary>The objects of a folder, by kubectl.</summary>
    internal static async Task<IReadOnlyList<Manifest>> BuildAsync(string folder) =>
        Manifest.Read((await ProcessRunner.RunAsync(ExternalTools.Kubectl.Require(), ["kustomize", Path.Combine(ExternalTools.RepositoryRoot(), "deploy", "kustomize", folder)])).Succeeded().Output);

    /// <summary>The object, its keys in order, without what only helm has.</summary>
    private static string Plain(Manifest item)
    {
        var labels = item.At("metadata", "labels") as JsonObject;
        labels?.Remove("helm.sh/chart");
        labels?.Remove("app.kubernetes.io/managed-by");
        return Sorted(item.Node)!.ToJsonString();
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
