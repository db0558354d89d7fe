using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.HostileTests.Faults;

/// <summary>File descriptors and memory are short.</summary>
public sealed class ResourceFaultTests
{
    /// <summary>
    /// Connections that are too many for the descriptors are closed, so that the last ones are never taken: the runtime ends where it can start no thread. Everybody who is in is
    /// served, who is not sees a closed connection before any byte, and there is room again afterwards.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task T114_Short_of_file_descriptors_it_closes_connections_serves_who_is_in_and_takes_everybody_again_afterwards(bool isFirstRequest)
    {
        const int Flood = 600;
        const string Notice = "limits.connections.all is ";
        FaultyWorld.SkipUnlessThere("prlimit");
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")], "limits: { streams: { perCaller: unlimited }, connections: { perAddress: unlimited } }", through: ["prlimit", "--nofile=1400:1400"]);
        await using var early = await RawClient.ConnectAsync(world.Port);
        if (!isFirstRequest)
        {
            (await (await early.SendAsync(FaultyWorld.Request("a", "/api/v1/pods"))).ReadToEndAsync()).Status.Should().Be(200);
        }

        var notice = world.Gateway.Process.Output.Single(static line => line.Contains(Notice, StringComparison.Ordinal));
        var most = int.Parse(notice.Split(Notice)[1].Split(':')[0], CultureInfo.InvariantCulture);
        most.Should().BeInRange(10, Flood / 2);
        var flood = new List<RawClient>();
        try
        {
            for (var i = 0; i < Flood; i++)
            {
                if (await TryConnectAsync(world.Port) is { } client)
                {
                    flood.Add(client);
                }
            }

            // Each holds a connection to the upstream too, and all do it at once.
            var watches = await Task.WhenAll(flood.Select(static client => client.SendAsync(FaultyWorld.Request("a", "/api/v1/pods?watch=1"))));

            watches.Select(static watch => watch.Status).Should().OnlyContain(static status => status == 200 || status == 0, "who is in is served, and who is not gets no byte");
            watches.Count(static watch => watch.Status == 200).Should().Be(most - 1, "the early one is in too");
            (await (await early.SendAsync(FaultyWorld.Request("a", "/api/v1/pods"))).ReadToEndAsync()).Status.Should().Be(200);
            Descriptors(world).Should().BeLessThan(1400);
        }
        finally
        {
            foreach (var client in flood)
            {
                await client.DisposeAsync();
            }
        }

        await Eventually.BeTrueAsync(
            async () =>
            {
                await using var client = await TryConnectAsync(world.Port);
                return client is not null && (await client.SendAsync(FaultyWorld.Request("a", "/api/v1/pods"))).Status == 200;
            },
            "there is room again");
        world.Gateway.Process.HasExited.Should().BeFalse();
        world.Gateway.Process.Transcript().Should().Contain("limits.connections.all allows", "the log says why");
        (await world.AuditAsync(most)).Should().OnlyContain(static record => FaultyWorld.TargetOf(record).StartsWith("/clusters/a/api/v1/pods", StringComparison.Ordinal));
    }

    [Fact]
    public async Task T114_Short_of_file_descriptors_one_address_still_leaves_connections_for_others()
    {
        FaultyWorld.SkipUnlessThere("prlimit");
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")], through: ["prlimit", "--nofile=1400:1400"]);
        var flood = new List<RawClient?>();
        try
        {
            for (var i = 0; i < 400; i++)
            {
                flood.Add(await TryConnectAsync(world.Port));
            }

            using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            other.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
            await other.ConnectAsync(IPAddress.Loopback, world.Port);
            await other.SendAsync(FaultyWorld.Request("a", "/api/v1/pods").ToHttp11());
            var buffer = new byte[64];
            var read = await other.ReceiveAsync(buffer).WaitAsync(Guard.Limit);
            Encoding.ASCII.GetString(buffer, 0, read).Should().StartWith("HTTP/1.1 200");
        }
        finally
        {
            foreach (var client in flood)
            {
                await (client?.DisposeAsync() ?? default);
            }
        }
    }

    [Fact]
    public async Task T114_With_fewer_descriptors_than_the_program_itself_needs_it_does_not_start_and_says_why()
    {
        FaultyWorld.SkipUnlessThere("prlimit");
        await using var gateway = GatewayProcess.Start(["serve"], "listen: http://127.0.0.1:0\nmanagement: { listen: 'off' }\n", through: ["prlimit", "--nofile=500:500"]);

        (await gateway.Process.WaitForExitAsync()).Should().Be(1);
        gateway.Process.Transcript().Should().Contain("the process may have 500 files open, and needs 600 at least").And.Contain("ulimit -n");
    }

    [Fact]
    public async Task T105_One_callers_uploads_that_an_upstream_never_takes_end_nobody()
    {
        const int Each = 190;
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start(3 * Each);
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("deaf", $"http://127.0.0.1:{((IPEndPoint)deaf.LocalEndpoint).Port}"), FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")],
            "limits: { rate: { perCaller: unlimited } }",
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_GCHeapHardLimit"] = "0x18000000" },
            headers: "10m");
        var uploads = new List<(RawClient Client, Task Ended)>();
        long sent = 0;
        try
        {
            foreach (var target in Enumerable.Repeat("/api/v1/namespaces/d/pods", Each).Concat(Enumerable.Repeat("/api/v1/namespaces/d/services/s/proxy/", Each)))
            {
                var client = await RawClient.ConnectAsync(world.Port);
                uploads.Add((client, UploadAsync(client, target)));
            }

            // Until none of them gets any further.
            for (long before = -1; before != Interlocked.Read(ref sent);)
            {
                before = Interlocked.Read(ref sent);
                await Task.Delay(TimeSpan.FromSeconds(2));
            }

            Interlocked.Read(ref sent).Should().BeGreaterThan(2L * Each * 64 * 1024, "the uploads are under way");
            (await world.SendAsync("a", "/api/v1/pods", "POST")).Status.Should().BeOneOf([200, 429], "the caller has all of their places");
            world.Gateway.Process.HasExited.Should().BeFalse(world.Gateway.Process.Transcript().Replace("{", "", StringComparison.Ordinal));
        }
        finally
        {
            foreach (var (client, ended) in uploads)
            {
                client.Reset();
                await ended;
                await client.DisposeAsync();
            }
        }

        await world.ShouldRecoverAsync("a");

        async Task UploadAsync(RawClient client, string target)
        {
            try
            {
                await client.WriteAsync(FaultyWorld.Request("deaf", target, "POST").With("Content-Length", "100000000").ToHttp11());
                for (var piece = new byte[64 * 1024]; ; Interlocked.Add(ref sent, piece.Length))
                {
                    await client.WriteAsync(piece);
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or TimeoutException or OperationCanceledException)
            {
                // The end of the test, or of the gateway, which the test sees.
            }
        }
    }

    [Fact]
    public async Task T105_With_little_memory_large_bodies_pass_both_ways_side_by_side()
    {
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")], "limits: {}", new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_GCHeapHardLimit"] = "0x4000000" });

        await Task.WhenAll([.. Enumerable.Range(0, 4).Select(_ => UploadAsync(world)), .. Enumerable.Range(0, 4).Select(_ => DownloadAsync(world))]);

        await world.ShouldRecoverAsync("a");
    }

    [Fact]
    public async Task T105_With_little_memory_a_flood_of_large_heads_and_half_sent_bodies_ends_nothing_but_itself()
    {
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")], "limits: { requests: { perCaller: unlimited, perCluster: unlimited, all: unlimited } }", new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_GCHeapHardLimit"] = "0x6400000" });
        var head = FaultyWorld.Request("a", "/api/v1/pods", "POST").With("X-Filling", new string('x', 60_000)).With("Content-Length", "1000000").ToHttp11();
        var flood = new List<RawClient>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var client = await RawClient.ConnectAsync(world.Port);
                flood.Add(client);
                await client.WriteAsync(head);
                await client.WriteAsync(new byte[16 * 1024]);
            }

            (await world.SendAsync("a", "/api/v1/pods")).Status.Should().Be(200, "the flood is under way");
        }
        finally
        {
            foreach (var client in flood)
            {
                client.Reset();
                await client.DisposeAsync();
            }
        }

        await world.ShouldRecoverAsync("a");
        (await world.AuditAsync(202)).Count(static record => record.GetProperty("verb").GetString() is "create").Should().Be(200, "each of the flood has its record");
    }

    private static async Task UploadAsync(FaultyWorld world)
    {
        const int Pieces = 512;
        await using var client = await RawClient.ConnectAsync(world.Port);
        var piece = new byte[128 * 1024];
        await client.WriteAsync(FaultyWorld.Request("a", "/api/v1/pods", "POST").With("Content-Length", (Pieces * piece.Length).ToString(CultureInfo.InvariantCulture)).ToHttp11());
        for (var i = 0; i < Pieces; i++)
        {
            await client.WriteAsync(piece);
        }

        var response = await client.ReadResponseAsync();
        response.Status.Should().Be(200);
        response.BodyText.Should().Contain(" 67108864 ");
    }

    private static async Task DownloadAsync(FaultyWorld world)
    {
        await using var client = await RawClient.ConnectAsync(world.Port);
        var response = await client.SendAsync(FaultyWorld.Request("a", "/api/v1/large"));
        (await response.ReadToEndAsync()).Body.Length.Should().Be(64 * 1024 * 1024);
    }

    /// <summary>A connection, or null where it was closed so quickly that it never came to one.</summary>
    private static async Task<RawClient?> TryConnectAsync(int port)
    {
        try
        {
            return await RawClient.ConnectAsync(port);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset)
        {
            return null;
        }
    }

    private static int Descriptors(FaultyWorld world) => Directory.EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{world.Gateway.Process.Id}/fd")).Count();
}
