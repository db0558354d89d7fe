using System.CommandLine;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Commands;

/// <summary>The commands and their flags. Flags of the shipped Headlamp server have its names and meanings.</summary>
internal static class CommandLine
{
    private static readonly Option<string[]> _config = new("--config")
    {
        Description = "A configuration file; several merge from left to right",
        AllowMultipleArgumentsPerToken = false,
    };

    private static readonly Option<string?> _baseUrl = new("--base-url") { Description = "The path below which everything is served" };
    private static readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "A kubeconfig file, or several separated by ':'" };
    private static readonly Option<bool> _inCluster = new("--in-cluster") { Description = "Serve the cluster that this process runs in" };
    private static readonly Option<string?> _listenAddr = new("--listen-addr") { Description = "The address to listen on (http)" };
    private static readonly Option<int?> _port = new("--port") { Description = "The port to listen on (http)" };

    private static readonly IReadOnlyDictionary<string, string> _environment = ProcessEnvironment.Read();

    /// <summary>Parses <paramref name="args"/> and runs the command.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Fairlead, a Kubernetes access gateway for developer portals")
        {
            Command("serve", "Start the gateway", ServeAsync),
            Command("check", "Validate the configuration and reach every cluster", static (arguments, cancellationToken) =>
                CheckCommand.RunAsync(() => arguments.Read(_environment), Sources, Console.Out, cancellationToken)),
        };
        return root.Parse(args).InvokeAsync();
    }

    private static Command Command(string name, string description, Func<ServeArguments, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description) { _config, _baseUrl, _kubeconfig, _inCluster, _listenAddr, _port };
        command.SetAction((parsed, cancellationToken) => run(
            new ServeArguments(
                parsed.GetValue(_config) ?? [],
                parsed.GetValue(_baseUrl),
                parsed.GetValue(_kubeconfig),
                parsed.GetValue(_inCluster),
                parsed.GetValue(_listenAddr),
                parsed.GetValue(_port)),
            cancellationToken));
        return command;
    }

    private static ClusterSourceResult Sources(ClusterLocator locator) => ClusterSourceReader.Read(locator, _environment);

    private static async Task<int> ServeAsync(ServeArguments arguments, CancellationToken cancellationToken)
    {
        try
        {
            var (server, errors) = await GatewayServer.StartAsync(() => arguments.Read(_environment), Sources, configureLogging: null, cancellationToken);
            if (server is null)
            {
                foreach (var error in errors)
                {
                    await Console.Error.WriteLineAsync(error.ToString());
                }

                await Console.Error.WriteLineAsync($"fairlead does not start: {errors.Count} errors in the configuration");
                return 1;
            }

            await using (server)
            {
                await Console.Out.WriteAsync(server.Message());
                await server.WaitForShutdownAsync(cancellationToken);
            }

            return 0;
        }
        catch (TlsMaterialException exception)
        {
            await Console.Error.WriteLineAsync($"fairlead does not start: {exception.Message}");
            return 1;
        }
        catch (IOException exception)
        {
            await Console.Error.WriteLineAsync($"fairlead does not start: {exception.Message} (choose another address with listen, --listen-addr or --port)");
            return 1;
        }
    }
}
