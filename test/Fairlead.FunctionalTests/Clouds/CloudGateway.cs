using System.Globalization;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;

namespace Fairlead.FunctionalTests.Clouds;

/// <summary>A gateway in a process of its own, which finds only what a test puts into its environment, and logs everything.</summary>
internal sealed class CloudGateway : IAsyncDisposable
{

    private readonly GatewayProcess _process;
    private readonly int _port;

    private CloudGateway(GatewayProcess process, int port)
    {
        _process = process;
        _port = port;
    }

    /// <summary>Everything it has printed.</summary>
    public string Printed => _process.Process.Transcript();

    /// <summary>Starts one.</summary>
    /// <param name="clusters">The clusters, each a map in flow style without braces.</param>
    /// <param name="environment">Its variables.</param>
    /// <param name="kubernetes">More keys of the section, indented by two.</param>
    public static async Task<CloudGateway> StartAsync(string[] clusters, (string Name, string? Value)[] environment, string kubernetes = "")
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["AWS_EC2_METADATA_DISABLED"] = "true" };
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(static name => name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("AZURE_", StringComparison.Ordinal) || name.StartsWith("GOOGLE_", StringComparison.Ordinal)))
        {
            variables[name] = null;
        }

        foreach (var (name, value) in environment)
        {
            variables[name] = value;
        }

        var (process, listening) = await GatewayProcess.StartAsync(@"listens on http://127\.0\.0\.1:(\d+)", ["serve"], $$"""
            listen: http://127.0.0.1:0
            management: { listen: 'off' }
            log: { level: trace, format: text }
            auth: { static: [{ subject: portal-caller, tokenSha256: "{{TestGateway.TokenHash}}", groups: [portal] }] }
            access: { rules: [{ subjects: { groups: [portal] }, clusters: ["*"], namespaces: ["*"], resources: ["*"], verbs: ["*"] }] }
            kubernetes:
            {{kubernetes}}
              clusterLocatorMethods:
                - type: config
                  clusters:
            {{string.Join('\n', clusters.Select(static cluster => $"        - {{ {cluster} }}"))}}
            """, variables);
        return new CloudGateway(process, int.Parse(listening.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>Lists the pods of a namespace in <paramref name="cluster"/>.</summary>
    public Task<RawResponse> GetAsync(string cluster) => RawClient.ExchangeAsync(
        _port, RawRequest.Get("/api/kubernetes/proxy/api/v1/namespaces/a/pods").With("Backstage-Kubernetes-Cluster", cluster).WithBearer(TestGateway.Token));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
