using Fairlead.Commands;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Demo;

// The cluster first, then the gateway in front of it, both in this process; Ctrl-C stops both.
SealedProcess.Seal();
await using var cluster = await DemoCluster.StartAsync(new DemoClusterOptions(), CancellationToken.None);
using var configuration = DemoConfiguration.Write(cluster);
var environment = ProcessEnvironment.Read();
try
{
    var (gateway, errors) = await GatewayServer.StartAsync(
        () => ConfigurationLoader.Load([configuration.Path], environment),
        locator => ClusterSourceReader.Read(locator, environment),
        configureLogging: null,
        CancellationToken.None);
    if (gateway is null)
    {
        throw new InvalidOperationException(string.Join('\n', errors));
    }

    await using (gateway)
    {
        Console.Write(gateway.Message($"default/{DemoContents.ChartService}/api/charts"));
        await gateway.WaitForShutdownAsync(CancellationToken.None);
    }

    return 0;
}
catch (IOException exception)
{
    await Console.Error.WriteLineAsync($"The demo does not start: {exception.Message} (is another one running?)");
    return 1;
}
