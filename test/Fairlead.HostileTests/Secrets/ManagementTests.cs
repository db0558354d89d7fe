using System.Globalization;
using AwesomeAssertions;
using Fairlead.Clusters.Sources;
using Fairlead.Commands;
using Fairlead.Configuration;
using Fairlead.Limits;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Telemetry;
using Fairlead.Testing.Upstreams;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fairlead.HostileTests.Secrets;

/// <summary>T74: what runs the gateway is asked on its own listener only, that listener leads nowhere, and nobody fills a table with names that they make up.</summary>
[Collection(MeasuredTests.Name)]
public sealed class ManagementTests
{
    private const string BaseUrl = "/portal";

    // Of a name that somebody makes up.
    private const int Length = 400;

    private static readonly string[] _paths =
    [
        "/livez", "/readyz", "/readyz?verbose", "/healthz", "/health", "/metrics", "/metrics/cadvisor", "/debug/pprof", "/debug/pprof/heap", "/debug/vars", "/dump", "/gcdump", "/trace", "/stacks",
        "/logs", "/config", "/configz", "/flagz", "/statusz", "/env", "/info", "/actuator", "/actuator/health", "/actuator/env", "/actuator/heapdump", "/quitquitquit", "/-/reload", "/server-status",
    ];

    private static readonly string[] _spellings = ["{0}", "{0}/", "/{0}", "/.{0}", "/%2e{0}", "/x/..{0}", "/management{0}"];

    [Fact]
    public async Task T74_A_public_listener_has_no_management_paths_for_nobody_and_for_somebody_that_is_known()
    {
        await using var world = await HostileWorld.StartAsync();

        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Backstage))
        {
            await using var client = await world.ConnectAsync(way);
            foreach (var path in _paths)
            {
                foreach (var request in (RawRequest[])[RawRequest.Get(path), world.Identified(way.Login, RawRequest.Get(path))])
                {
                    var mark = world.Mark();
                    var response = await (await client.SendAsync(request)).ReadToEndAsync();

                    world.ShouldBeRefused(way, response, 404, mark, path);
                    ShouldBeNothingOfManagement(response, path);
                }
            }
        }
    }

    [Fact]
    public async Task T74_No_spelling_of_a_management_path_is_served_in_public()
    {
        await using var world = await HostileWorld.StartAsync();

        foreach (var way in HostileWays.Bearer.Where(static way => way.Door is DoorName.Backstage))
        {
            foreach (var path in from path in (string[])["/livez", "/readyz", "/metrics", "/debug/pprof"] from spelling in _spellings select string.Format(CultureInfo.InvariantCulture, spelling, path))
            {
                var response = await world.ExchangeAsync(way, world.Identified(way.Login, RawRequest.Get(path)));

                response.Status.Should().BeOneOf([400, 404], $"{way}: {path}");
                ShouldBeNothingOfManagement(response, path);
                world.Mark().Should().Be(0);
            }
        }
    }

    [Fact]
    public async Task T74_Below_a_door_such_a_path_is_the_upstreams_for_who_may_and_401_for_nobody()
    {
        await using var world = await HostileWorld.StartAsync();
        world.Upstream.Respond(RawAnswer.Text(200, "the upstream's own"));

        foreach (var way in HostileWays.All)
        {
            foreach (var path in (string[])["/livez", "/readyz?verbose", "/healthz", "/metrics", "/debug/pprof", "/dump", "/actuator/health"])
            {
                var mark = world.Mark();
                var nobody = await world.ExchangeAsync(way, HostileWorld.Anonymous(way.Door, RawRequest.Get(path)));

                world.ShouldBeRefused(way, nobody, 401, mark, path);

                (await world.GetAsync(way, path)).BodyText.Should().Be("the upstream's own", $"{way}: {path}");
                world.SentSince(mark).Should().ContainSingle();
            }
        }
    }

    [Fact]
    public async Task T74_With_a_base_URL_there_are_none_below_it_and_none_beside_it()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { BaseUrl = BaseUrl });

        foreach (var way in HostileWays.Bearer.Where(static way => way.Door is DoorName.Backstage))
        {
            await using var client = await WireClient.ConnectAsync(way.Protocol, way.Protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort);
            foreach (var request in from path in _paths from prefix in (string[])["", BaseUrl] from request in (RawRequest[])[RawRequest.Get(prefix + path), RawRequest.Get(prefix + path).WithBearer(TestGateway.Token)] select request)
            {
                var response = await (await client.SendAsync(request)).ReadToEndAsync();

                response.Status.Should().Be(404, request.Target);
                HostileWorld.ShouldHaveItsDoorsShape(way, response, request.Target);
                ShouldBeNothingOfManagement(response, request.Target);
            }
        }

        upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task T74_The_management_listener_leads_to_no_door()
    {
        await using var world = await HostileWorld.StartAsync();
        var port = world.Gateway.ManagementPort;
        (await RawClient.ExchangeAsync(port, RawRequest.Get("/livez"))).BodyText.Should().Be("ok");

        foreach (var path in (string[])[
            "/", "/me", "/auth/login", "/auth/ticket", "/api/kubernetes/clusters", "/.well-known/jwks.json", "/serviceproxy/default/web/x", "/livez/../clusters/kind/version", "/livez/", "/clusters/kind/me",
            "http://fairlead.example.com/clusters/kind/version", .. Enum.GetValues<DoorName>().Select(static door => HostileWorld.Prefix(door) + "/api/v1/pods")])
        {
            foreach (var login in Enum.GetValues<LoginName>())
            {
                foreach (var method in (string[])["GET", "HEAD", "POST", "DELETE", "OPTIONS", "CONNECT", "TRACE"])
                {
                    var request = world.Identified(login, new RawRequest(method, method is "CONNECT" ? "kind:443" : path).With("Backstage-Kubernetes-Cluster", "kind").With("Origin", "https://" + HostileWorld.Host));
                    var response = await RawClient.ExchangeAsync(port, request);

                    response.Status.Should().BeOneOf([404, 405, 400], $"{method} {path}");
                    response.BodyText.Should().BeOneOf("", "not found", "use GET");
                    response.Headers("Set-Cookie").Should().BeEmpty();
                }

                var socket = await RawClient.ExchangeAsync(port, world.Identified(login, RawRequest.WebSocket(path, "v4.channel.k8s.io")));
                socket.Status.Should().BeOneOf([404, 400], path);
            }
        }

        world.Mark().Should().Be(0);
    }

    /// <summary>What could grow is what the gateway remembers: of limits, look-ups, refusals, owners of tokens, and the series of its metrics.</summary>
    [Theory]
    [InlineData("paths")]
    [InlineData("clusters")]
    [InlineData("user agents")]
    [InlineData("host names")]
    [InlineData("Services")]
    [InlineData("tokens")]
    [InlineData("cookies")]
    public async Task T74_Made_up_names_fill_no_table(string what)
    {
        const int Names = 6000;
        await using var cluster = await ServiceCluster.StartClusterAsync();
        var options = TestGateway.Options(ServiceCluster.Definition(cluster, "main", isDirect: true)) with { ServiceProxy = new ServiceProxyOptions { DefaultCluster = "main" } };
        // Limits that nobody meets, so that their tables are in use.
        var (server, _) = await GatewayServer.StartAsync(
            () => new ConfigurationResult(options with { Limits = new LimitOptions { Rate = new RateLimit(1_000_000, 1_000_000, 1_000_000) } }, []), static locator => ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal)),
            static logging => logging.ClearProviders(), CancellationToken.None);
        await using var running = server!;
        var port = running.Addresses[1].Port;

        List<long> held = [];
        List<string[]> series = [];
        for (var round = 0; round < 4; round++)
        {
            await AskAsync(round * Names, Names);
            held.Add(GC.GetTotalMemory(forceFullCollection: true));
            series.Add(await SeriesAsync(running.ManagementAddress!.Port));
        }

        series[^1].Should().BeEquivalentTo(series[1], "what was made up is in no metric, and the first time has made all there are");
        series[^1].Should().NotContain(static one => one.Contains("made-up", StringComparison.Ordinal));

        // What is kept of names grows by them in every round; buffers and what is new for a while do not.
        held.Zip(held.Skip(1), static (before, after) => after - before).Min().Should().BeLessThan(Names * Length / 2, $"nothing is kept of them: {string.Join(", ", held)}");

        Task AskAsync(int from, int count) => Task.WhenAll(Enumerable.Range(0, 4).Select(part => AskPartAsync(from + (part * count / 4), count / 4)));

        async Task AskPartAsync(int from, int count)
        {
            await using var client = await RawHttp2Client.ConnectAsync(port, new());
            for (var i = from; i < from + count; i++)
            {
                var response = await (await client.SendAsync(Made(what, i))).ReadToEndAsync();
                response.Status.Should().BeOneOf(400, 401, 403, 404, 421, 429, 502);
            }
        }
    }

    [Fact]
    public async Task T74_Whatever_clients_ask_for_and_upstreams_answer_makes_no_series()
    {
        await using var world = await HostileWorld.StartAsync();
        var answers = 0;
        world.Upstream.Respond(_ => RawAnswer.Text(400 + (Interlocked.Increment(ref answers) % 200), "made-up", "made-up/x"));
        List<string[]> series = [];
        for (var round = 0; round < 4; round++)
        {
            // Each round asks for the same kinds of things, and goes through all statuses of errors.
            for (var i = 0; i < 100; i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"made-up-{round}-{i}");
                foreach (var way in HostileWays.Bearer.Where(static way => way.Protocol is WireProtocol.Http11))
                {
                    var request = (i % 5) switch
                    {
                        0 => RawRequest.Get($"/api/v1/namespaces/{name}/{name}s/{name}/{name}"),
                        1 => RawRequest.Get($"/apis/{name}.example.org/v1/{name}?watch=1&labelSelector={name}"),
                        2 => new RawRequest("POST", $"/{name}/{name}").WithBody("{}").With("Content-Type", $"{name}/x"),
                        3 => new RawRequest($"MADE-UP-{round}-{i}", "/api/v1/pods"),
                        _ => RawRequest.Get($"/api/v1/namespaces/{name}/services/{name}:{name}/proxy/{name}"),
                    };
                    await world.SendAsync(way, request.With("User-Agent", name).With("traceparent", name).With("X-Request-Id", name));
                }
            }

            series.Add(await SeriesAsync(world.Gateway.ManagementPort));
        }

        series[^1].Should().BeEquivalentTo(series[1], "the same as after the second round").And.NotContain(static one => one.Contains("made-up", StringComparison.OrdinalIgnoreCase));
        series[^1].Length.Should().BeLessThan(3000);
    }

    /// <summary>The gateway's own series, and the server's about connections; those of the runtime depend on what it has collected so far.</summary>
    private static async Task<string[]> SeriesAsync(int port) =>
    [
        .. (await Scrape.GetAsync(port)).All.Where(static one => one.Name.StartsWith("fairlead_", StringComparison.Ordinal) || one.Name.StartsWith("kestrel_", StringComparison.Ordinal))
            .Select(static one => $"{one.Name} {string.Join(' ', one.Labels.OrderBy(static label => label.Key, StringComparer.Ordinal))}"),
    ];

    private static RawRequest Made(string what, int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"made-up-{number}-").PadRight(Length, 'x');
        return what switch
        {
            "paths" => RawRequest.Get($"/{name}/{name}").WithBearer(TestGateway.Token),
            "clusters" => RawRequest.Get($"/clusters/{name}/api/v1/pods").WithBearer(TestGateway.Token),
            "user agents" => RawRequest.Get("/clusters/nowhere/api/v1/pods").WithBearer(TestGateway.Token).With("User-Agent", name),
            "host names" => RawRequest.Get("/clusters/nowhere/api/v1/pods").WithBearer(TestGateway.Token).With("Host", name + ".example.org"),
            "Services" => RawRequest.Get($"/serviceproxy/{name[..60]}/{name[..60]}/{name}").WithBearer(TestGateway.Token),
            "tokens" => RawRequest.Get("/clusters/nowhere/api/v1/pods").WithBearer(name),
            _ => RawRequest.Get("/clusters/nowhere/api/v1/pods").With("Cookie", $"__Host-fairlead-session={name}; headlamp-auth-{name}.0={name}").With("Sec-Fetch-Site", "same-origin"),
        };
    }

    private static void ShouldBeNothingOfManagement(RawResponse response, string because)
    {
        // All that the management listener says.
        foreach (var text in (string[])["ok", "not found", "use GET", "stopping"])
        {
            response.BodyText.Should().NotBe(text, because);
        }

        response.BodyText.Should().NotContain("# TYPE", because).And.NotContain("check passed", because).And.NotContain("source ", because);
    }
}
