using System.Text.Json.Nodes;
using AwesomeAssertions;
using Fairlead.Clusters.Sources;
using Fairlead.Commands;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary>The chart's account that impersonates gets what <c>fairlead rbac</c> prints for the same configuration.</summary>
public sealed class ImpersonatorRoleTests
{
    private const string Account = "fairlead-impersonator";

    [Theory]
    [InlineData("")]
    [InlineData("--set", "config.kubernetes.clusterLocatorMethods[3].clusters[1].impersonation.users={*}")]
    [InlineData("--set", "config.kubernetes.clusterLocatorMethods[3].clusters[1].impersonation.uid=false")]
    [InlineData("--set-json", "config.kubernetes.clusterLocatorMethods[3].clusters[1].impersonation={\"tokenFile\":\"/etc/fairlead/impersonator/token\",\"userMap\":{\"a\":\"system:serviceaccount:b:c\",\"d\":\"system:serviceaccount:b:e\"}}")]
    public async Task Chart_and_command_grant_the_same(params string[] change)
    {
        var objects = await Chart.RenderAsync([.. Chart.With("clusters-values.yaml"), .. change.Where(static item => item.Length > 0)]);
        using var configuration = new RenderedConfiguration(objects);
        await using var printed = new StringWriter();
        await using var errors = new StringWriter();
        (await RbacCommand.RunAsync(() => configuration.Result, Sources, new RbacArguments(null, Account, "fairlead", null), printed, errors)).Should().Be(0, errors.ToString());

        Roles(objects).Should().Equal(Roles(Manifest.Read(printed.ToString())));
    }

    private static ClusterSourceResult Sources(Fairlead.Configuration.ClusterLocator locator) => ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Each rule of each role of the account, and to whom they are bound.</summary>
    private static string[] Roles(IEnumerable<Manifest> objects) =>
    [
        .. objects.Where(static item => item.Name is Account && item.Kind is not ("Secret" or "ServiceAccount"))
            .SelectMany(static item => (item.At("rules") ?? item.At("subjects"))!.AsArray().Select(rule => $"{item.Id}: {Sorted((JsonObject)rule!)}")).Order(StringComparer.Ordinal),
    ];

    private static string Sorted(JsonObject rule) => string.Join(' ', rule.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={pair.Value!.ToJsonString()}"));
}
