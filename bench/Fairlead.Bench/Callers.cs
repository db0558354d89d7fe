using System.Diagnostics;
using System.Globalization;
using Fairlead.Callers;
using Fairlead.Callers.Tokens;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Doors;
using Fairlead.Sessions;
using Fairlead.Sessions.Oidc;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Bench;

/// <summary>What it costs to know who is calling: the caller stage alone, in this process; then a flood of bad tokens at a gateway beside somebody whom it knows.</summary>
internal static class Callers
{
    private const int Rounds = 7;
    private const int PerRound = 200_000;
    private const int Flood = 10_000;

    public static async Task<int> RunAsync()
    {
        await StageAsync();
        await FloodAsync();
        return 0;
    }

    private static async Task StageAsync()
    {
        await using var issuer = await TestIssuer.StartAsync();
        var auth = new AuthOptions
        {
            Static = [TestGateway.Caller("bench", "static-token", "portal")],
            Jwt = [new JwtOptions { Name = "idp", Issuer = issuer.Issuer, Audiences = [TestIssuer.ClientId] }],
        };
        var options = new GatewayOptions { Auth = auth };
        await using var store = new MemorySessionStore(new SessionLifetimes(TimeSpan.FromHours(1), TimeSpan.FromHours(24)), TimeProvider.System);
        var refresher = new SessionRefresher(store, TimeProvider.System, NullLogger<SessionRefresher>.Instance);
        var stage = new CallerStage(
            new ServiceSessions(TimeProvider.System), new BrowserSessions(store, refresher), new Tickets(store, TimeProvider.System), new HeadlampCookie(new SealedBox(options.Sessions), TimeProvider.System));
        var snapshot = new GatewaySnapshot(
            options, new ClusterCatalog([]), new CallerDirectory(auth), new Access.AccessPolicy([]),
            TokenVerifier.For(auth, null, TimeProvider.System, NullLoggerFactory.Instance), new OidcProviders([], null, TimeProvider.System, NullLoggerFactory.Instance));
        var jwt = issuer.Token();

        Console.WriteLine("| who is calling, from memory | us per request, median of the rounds (least to greatest) | bytes allocated |");
        Console.WriteLine("|---|---|---|");
        await MeasureAsync("a static token", stage, snapshot, "static-token");
        await MeasureAsync($"a JWT of {jwt.Length} bytes", stage, snapshot, jwt);
        await MeasureAsync($"a cluster's JWT of {jwt.Length} bytes, of no issuer here", stage, snapshot, issuer.Token(("iss", "https://kubernetes.default.svc")));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nThe issuer was asked {issuer.Calls("/jwks")} time for its keys.\n"));
    }

    private static async Task MeasureAsync(string what, CallerStage stage, GatewaySnapshot snapshot, string token)
    {
        var request = Request("Bearer " + token);
        for (var i = 0; i < PerRound; i++)
        {
            _ = await stage.IdentifyAsync(request, snapshot, default);
        }

        var times = new List<double>();
        var allocated = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < PerRound; i++)
            {
                var asked = stage.IdentifyAsync(request, snapshot, default);
                if (!asked.IsCompletedSuccessfully)
                {
                    throw new InvalidOperationException("It is not known from memory.");
                }

                _ = asked.GetAwaiter().GetResult();
            }

            times.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds / PerRound);
            allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / PerRound;
        }

        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {times[Rounds / 2]:F2} ({times[0]:F2} to {times[^1]:F2}) | {allocated} |"));
    }

    private static InboundRequest Request(string authorization) => new()
    {
        Target = RequestTarget.Parse("/clusters/kind/api/v1/pods", 24 * 1024, out _)!,
        Route = new DoorRoute.Proxy(Door.Cluster, "/clusters/kind".Length, "kind"),
        Method = "GET",
        Own = new OriginParts("http", "fairlead.test"),
        Upgrade = UpgradeKind.None,
        Authorization = authorization,
        ClusterHeader = default,
        ClusterAuthorization = default,
        ProviderTokens = [],
        WebSocketProtocols = WebSocketProtocols.Untouched,
        Connection = default,
        Impersonation = null,
        RemoteAddress = null,
    };

    private static async Task FloodAsync()
    {
        const string Review = "/apis/authentication.k8s.io/v1/tokenreviews";
        var reviews = 0;
        await using var upstream = new RawUpstream();
        upstream.Respond(request =>
        {
            if (!string.Equals(request.Target, Review, StringComparison.Ordinal))
            {
                return RawAnswer.Json(200, "{}");
            }

            Interlocked.Increment(ref reviews);
            return RawAnswer.Json(201, request.BodyText.Contains("good-token", StringComparison.Ordinal)
                ? """{"status":{"authenticated":true,"user":{"username":"bob"}}}""" : """{"status":{"authenticated":false}}""");
        });
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url));
        await using var gateway = await TestGateway.StartAsync(options with { Auth = options.Auth! with { TokenReview = true } });
        await KnownAsync(gateway, 500);
        var idle = await KnownAsync(gateway, 2000);

        var next = 0;
        var refused = 0;
        using var enough = new CancellationTokenSource();
        var flood = Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            await using var client = await RawClient.ConnectAsync(gateway.Port);
            while (Interlocked.Increment(ref next) is var number && (number <= Flood || !enough.IsCancellationRequested))
            {
                var answer = await (await client.SendAsync(RawRequest.Get("/clusters/kind/api/v1/pods").WithBearer($"bad-{number}"))).ReadToEndAsync();
                Interlocked.Add(ref refused, answer.Status is 401 or 429 ? 1 : 0);
            }
        }));
        var before = reviews;
        var began = Stopwatch.GetTimestamp();
        var during = await KnownAsync(gateway, 2000);
        await enough.CancelAsync();
        await flood;
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;

        Console.WriteLine("| somebody who is known, one request after the other | p50 ms | p99 ms |");
        Console.WriteLine("|---|---|---|");
        Print("alone", idle);
        Print("beside 16 connections of bad tokens, as fast as they go", during);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\n{refused:N0} requests with as many different bad tokens were refused (401 or 429) in {seconds:F1} s; {reviews - before} of them reached the TokenReview endpoint. Requests of the known caller during that: no review."));
        if (refused < Flood || reviews - before > FailureBudget.PerAddress + (FailureBudget.PerAddressAndSecond * (seconds + 1)))
        {
            throw new InvalidOperationException("The flood was not bounded.");
        }
    }

    private static void Print(string what, double[] times) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {times[times.Length / 2]:F2} | {times[times.Length * 99 / 100]:F2} |"));

    private static async Task<double[]> KnownAsync(TestGateway gateway, int count)
    {
        var times = new double[count];
        await using var client = await RawClient.ConnectAsync(gateway.Port);
        for (var i = 0; i < count; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var answer = await (await client.SendAsync(RawRequest.Get("/clusters/kind/api/v1/pods").WithBearer("good-token"))).ReadToEndAsync();
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            if (answer.Status != 200)
            {
                throw new InvalidOperationException($"{answer.Status}: {answer.BodyText}");
            }
        }

        Array.Sort(times);
        return times;
    }
}
