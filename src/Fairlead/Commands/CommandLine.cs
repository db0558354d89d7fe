using System.CommandLine;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Commands;

/// <summary>The commands and their flags. Flags of the shipped Headlamp server have its names and meanings.</summary>
internal static class CommandLine
{
    // 1 is an answer: a check that finds something, a question that is answered with no.
    private const int UsageError = 2;

    private static readonly Option<string[]> _config = new("--config")
    {
        Description = "A configuration file; several merge from left to right",
        AllowMultipleArgumentsPerToken = false,
    };

    private static readonly (HeadlampFlag Flag, Option<string?> Option)[] _flags =
    [
        .. HeadlampFlags.All.Select(static flag => (flag, new Option<string?>(flag.Option)
        {
            Description = Describe(flag),
            Arity = flag.IsBoolean ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
            Hidden = flag.Effect is FlagEffect.None or FlagEffect.Refused,
        })),
    ];

    private static readonly IReadOnlyDictionary<string, string> _environment = ProcessEnvironment.Read();

    /// <summary>Parses <paramref name="args"/> and runs the command.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Fairlead, a Kubernetes access gateway for developer portals")
        {
            Command("serve", "Start the gateway", ServeAsync),
            Command("check", "Validate the configuration and reach every cluster", static (arguments, cancellationToken) =>
                CheckCommand.RunAsync(() => arguments.Read(_environment), Sources, Console.Out, cancellationToken)),
            AccessCommands.Can(static (arguments, asked, cancellationToken) => CanCommand.RunAsync(() => arguments.Read(_environment), Sources, asked, Console.Out, Console.Error, cancellationToken), WithConfiguration),
            AccessCommands.Rbac(static (arguments, asked, cancellationToken) => RbacCommand.RunAsync(() => arguments.Read(_environment), Sources, asked, Console.Out, Console.Error, cancellationToken), WithConfiguration),
        };
        var parsed = root.Parse([.. args.Select(WithTwoDashes)]);
        var code = await parsed.InvokeAsync();
        return parsed.Errors.Count > 0 ? UsageError : code;
    }

    /// <summary>The flags are also written with one dash, as Go's <c>flag</c> package takes them.</summary>
    private static string WithTwoDashes(string argument)
    {
        var name = argument.Split('=')[0];
        return _flags.Any(pair => string.Equals(name, "-" + pair.Flag.Name, StringComparison.Ordinal)) ? "-" + argument : argument;
    }

    private static Command Command(string name, string description, Func<ServeArguments, CancellationToken, Task<int>> run) =>
        WithConfiguration(new Command(name, description), (arguments, _, cancellationToken) => run(arguments, cancellationToken));

    /// <summary>Adds what says where the configuration is, and what runs the command.</summary>
    private static Command WithConfiguration(Command command, Func<ServeArguments, ParseResult, CancellationToken, Task<int>> run)
    {
        command.Add(_config);
        foreach (var (_, option) in _flags)
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            var arguments = new ServeArguments(
                parsed.GetValue(_config) ?? [],
                _flags.Where(pair => parsed.GetResult(pair.Option) is not null)
                    .ToDictionary(static pair => pair.Flag.Name, pair => parsed.GetValue(pair.Option) ?? "", StringComparer.Ordinal));
            return new GivenFlags(arguments.Values, _environment).IsOn("version") ? PrintVersionAsync() : run(arguments, parsed, cancellationToken);
        });
        return command;
    }

    private static async Task<int> PrintVersionAsync()
    {
        await Console.Out.WriteLineAsync(ProductVersion.Text);
        return 0;
    }

    private static string Describe(HeadlampFlag flag) => flag.Name switch
    {
        "base-url" => "The path below which everything is served",
        "enable-helm" => "Switch the service door on; =false switches it off",
        "kubeconfig" => "A kubeconfig file, or several separated by ':'",
        "kubeconfig-dir" => "A folder of kubeconfig files",
        "skipped-kube-contexts" => "Contexts to leave out, separated by ','",
        "in-cluster" => "Serve the cluster that this process runs in",
        "in-cluster-context-name" => "The name of that cluster",
        "listen-addr" => "The address to listen on",
        "port" => "The port to listen on",
        "tls-cert-path" => "The certificate of the listener, PEM; with --tls-key-path",
        "tls-key-path" => "Its key, PEM",
        "log-level" => "debug, info, warn or error",
        "insecure-ssl" => "Accept any certificate of an API server",
        "version" => "Print the version",
        _ => "Of the shipped Headlamp server; see docs/configuration.md",
    };

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
                LoadedProgram.Load();
                await server.WaitForShutdownAsync(cancellationToken);
                return server.HasFailed ? 1 : 0;
            }
        }
        catch (TlsMaterialException exception)
        {
            await Console.Error.WriteLineAsync($"fairlead does not start: {exception.Message}");
            return 1;
        }
        catch (IOException exception)
        {
            await Console.Error.WriteLineAsync($"fairlead does not start: {exception.Message} (choose another address with listen, management.listen, --listen-addr or --port)");
            return 1;
        }
    }
}
