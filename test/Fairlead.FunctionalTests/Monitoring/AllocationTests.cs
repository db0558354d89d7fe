using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Telemetry;
using Fairlead.Testing.Upstreams;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Fairlead.FunctionalTests.Monitoring;

/// <summary>
/// What the gateway's process allocates, by its own metrics, with a caller's token, an access rule and an audit file, in front of an API server over HTTP/2. The bounds are what
/// was measured and a small margin: whoever passes them has made every request dearer.
/// </summary>
public sealed class AllocationTests
{
    private const int Requests = 4000;
    private const int Watches = 200;
    private const int BytesOfRequest = 4700;
    private const int BytesOfWatch = 19_500;

    // Compiled once and for good, so that the numbers are the same each time.
    private static readonly Dictionary<string, string?> _environment = new(StringComparer.Ordinal) { ["DOTNET_TieredCompilation"] = "0" };

    [Fact]
    public async Task A_forwarded_request_allocates_little()
    {
        await using var world = await World.StartAsync();
        world.Upstream.Respond(static context => context.Response.WriteAsync(new string('x', 1800)));
        await using var client = await RawClient.ConnectAsync(world.Port);
        await SendAsync(500);

        var bytes = await world.AllocatedAsync(() => SendAsync(Requests)) / Requests;

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes:F0} bytes a request"));
        bytes.Should().BeInRange(1000, BytesOfRequest);

        async Task SendAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                (await (await client.SendAsync(World.Request("/api/v1/namespaces/n/configmaps/c"))).ReadToEndAsync()).Status.Should().Be(200);
            }
        }
    }

    [Fact]
    public async Task An_idle_watch_allocates_little()
    {
        await using var world = await World.StartAsync();
        world.Upstream.Respond(static async context =>
        {
            await context.Response.WriteAsync("first\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        var clients = new List<RawClient>();
        await OpenAsync(20);

        var bytes = await world.AllocatedAsync(() => OpenAsync(Watches)) / Watches;

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes:F0} bytes a watch"));
        bytes.Should().BeInRange(1000, BytesOfWatch);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        async Task OpenAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var client = await RawClient.ConnectAsync(world.Port);
                clients.Add(client);
                (await (await client.SendAsync(World.Request("/api/v1/namespaces/n/configmaps?watch=1"))).ReadLineAsync()).Should().Be("first");
            }
        }
    }

    private sealed class World(Http2Upstream upstream, TempFolder folder, GatewayProcess gateway, int port, int management) : IAsyncDisposable
    {
        public Http2Upstream Upstream => upstream;

        public int Port => port;

        public static async Task<World> StartAsync()
        {
            var (folder, management) = (new TempFolder(), FreePort.Next());
            var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate, maxStreams: 1000);
            var (gateway, listening) = await GatewayProcess.StartAsync(@"listens on http://127\.0\.0\.1:(\d+)", ["serve"], $$"""
                listen: http://127.0.0.1:0
                management: { listen: 'http://127.0.0.1:{{management}}' }
                auth: { static: [{ subject: portal-caller, tokenSha256: "{{TestGateway.TokenHash}}", groups: [portal] }] }
                access: { rules: [{ subjects: { groups: [portal] }, clusters: ["*"], namespaces: [n], resources: [configmaps], verbs: [get, list, watch] }] }
                limits: { rate: { perCaller: unlimited } }
                audit: { file: "{{folder.PathOf("audit.log")}}" }
                kubernetes: { clusterLocatorMethods: [{ type: config, clusters: [{ name: kind, url: '{{upstream.Url}}', authProvider: serviceAccount, serviceAccountToken: t, caFile: '{{folder.Write("ca.crt", TestCertificates.Shared.AuthorityPem)}}' }] }] }
                """, _environment);
            return new World(upstream, folder, gateway, int.Parse(listening.Groups[1].Value, CultureInfo.InvariantCulture), management);
        }

        public static RawRequest Request(string target) => RawRequest.Get("/clusters/kind" + target).WithBearer(TestGateway.Token);

        /// <summary>What is allocated meanwhile, less what the question costs.</summary>
        public async Task<double> AllocatedAsync(Func<Task> work)
        {
            await ReadAsync();
            var first = await ReadAsync();
            var before = await ReadAsync();
            await work();
            return await ReadAsync() - before - (before - first);
        }

        public async ValueTask DisposeAsync()
        {
            await gateway.DisposeAsync();
            await upstream.DisposeAsync();
            folder.Dispose();
        }

        private async Task<double> ReadAsync() => (await Scrape.GetAsync(management)).Find("dotnet_gc_heap_total_allocated_bytes_total").Single().Value;
    }
}
