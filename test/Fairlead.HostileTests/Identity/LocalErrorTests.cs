using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Identity;

/// <summary>An error of the gateway's is made by the gateway: nobody is asked for it, and what the client sent in confidence is not in it.</summary>
public sealed class LocalErrorTests
{
    // Of each of the places where a client may have put a secret.
    private const string InQuery = "query-secret-1";
    private const string InCookie = "cookie-secret-2";
    private const string InHeader = "header-secret-3";
    private const string InProtocol = "cHJvdG9jb2wtc2VjcmV0LTQ";

    [Fact]
    public async Task T11_Every_error_is_made_here_and_echoes_no_credential()
    {
        using var refused = new RefusedPort();
        await using var silent = RawUpstream.NeverAnswering();
        await using var broken = new RawUpstream();
        broken.Respond(static _ => RawAnswer.Nothing());
        await using var wrong = new RawUpstream();
        wrong.Respond((RawAnswer)"SMTP ready\r\n\r\n" with { Then = AfterAnswer.Close });
        await using var world = await HostileWorld.StartAsync(options => options with
        {
            Limits = options.Limits with { RequestBody = 100, RequestLine = 2000 },
            Timeouts = options.Timeouts with { ResponseHeaders = TimeSpan.FromMilliseconds(300) },
            ServiceProxy = options.ServiceProxy with { HeadersTimeout = TimeSpan.FromMilliseconds(300) },
            ClusterLocators =
            [
                .. options.ClusterLocators,
                new ClusterLocator.Config("more",
                [
                    TestCluster.Held("refused", $"http://127.0.0.1:{refused.Port}"), TestCluster.Held("silent", silent.Url), TestCluster.Held("broken", broken.Url), TestCluster.Held("wrong", wrong.Url),
                    TestCluster.Of("without", silent.Url, new CredentialDefinition.TokenFile("/nowhere/token")), TestCluster.ClientSide("own", silent.Url, "google"), TestCluster.Held("twice", silent.Url),
                ]),
                new ClusterLocator.Config("again", [TestCluster.Held("twice", silent.Url) with { Locator = "again" }]),
            ],
        });
        foreach (var (name, port) in new[] { ("refused", refused.Port), ("silent", silent.Port), ("broken", broken.Port), ("wrong", wrong.Port) })
        {
            ServiceCluster.AddService(world.Cluster, name, port);
        }

        var seen = new SortedSet<int>();
        foreach (var way in HostileWays.All)
        {
            foreach (var (what, request) in Errors(world, way))
            {
                var marks = Counts();

                await using var client = await world.ConnectAsync(way);
                var response = await (request.Headers.Any(static line => line.Name is "Sec-WebSocket-Version") ? await client.UpgradeAsync(request) : await client.SendAsync(request)).ReadToEndAsync();

                response.Status.Should().BeInRange(400, 599, "{0}, {1}: {2}", way, what, response);
                seen.Add(response.Status);
                HostileWorld.ShouldHaveItsDoorsShape(way, response, Plain($"{way}, {what}: {response}"));
                foreach (var secret in new[] { InQuery, InCookie, InHeader, InProtocol, "protocol-secret-4", TestGateway.Token, world.Browser.SessionKey!, "Bearer " + HostileWorld.HeldToken })
                {
                    response.ToString().Should().NotContain(secret, "{0}, {1}", way, what);
                }

                response.Headers("Set-Cookie").Should().BeEmpty("{0}, {1}", way, what);
                // The request that failed, where it came so far, and none for the error.
                var sent = Counts().Zip(marks, static (after, before) => after - before).Sum();
                if (what is "broken")
                {
                    // The HTTP client tries again what is safe to repeat; each time it is the same request.
                    sent.Should().BeInRange(1, 4, "{0}, {1}", way, what);
                }
                else
                {
                    sent.Should().Be(what is "silent" or "wrong" ? 1 : 0, "{0}, {1}", way, what);
                }
            }
        }

        seen.Should().Contain([400, 401, 403, 404, 405, 409, 413, 414, 501, 502, 504]);
        foreach (var request in silent.Requests.Concat(broken.Requests).Concat(wrong.Requests))
        {
            request.ToString().Should().NotContain(TestGateway.Token).And.NotContain(InCookie).And.NotContain(world.Browser.SessionKey!);
        }

        int[] Counts() => [world.Upstream.Requests.Count, silent.Requests.Count, broken.Requests.Count, wrong.Requests.Count];
    }

    private static IEnumerable<(string What, RawRequest Request)> Errors(HostileWorld world, HostileWay way)
    {
        const string Pods = "/api/v1/namespaces/n/pods";
        yield return ("nobody", Secretive(HostileWorld.Anonymous(way.Door, RawRequest.Get(Pods))));
        yield return ("a scheme that is none", Secretive(HostileWorld.Anonymous(way.Door, RawRequest.Get(Pods))).With("Authorization", "Digest " + InHeader));
        yield return ("two tokens", Secretive(HostileWorld.Anonymous(way.Door, RawRequest.Get(Pods))).WithBearer(InHeader).WithBearer(TestGateway.Token));
        yield return ("a dot segment", Secretive(world.Request(way, RawRequest.Get("/api/%2e%2e/pods"))));
        yield return ("a method that is none", Secretive(world.Request(way, new RawRequest("FOO", Pods))));
        yield return ("a body too large", Secretive(world.Request(way, new RawRequest("POST", Pods).WithBody(new string('x', 200)))));
        yield return ("a target too long", Secretive(world.Request(way, RawRequest.Get(Pods + "/" + new string('x', 2000)))));
        yield return ("somebody else", Secretive(world.Request(way, RawRequest.Get(Pods))).With("Impersonate-User", InHeader));
        yield return ("a WebSocket with two identities", Secretive(world.Request(way, RawRequest.WebSocket(Pods, "base64url.bearer.authorization.k8s.io." + InProtocol, "base64url.bearer.authorization.k8s.io." + InProtocol))));
        yield return ("unknown cluster", Secretive(To(world, way, "unknown", Pods)));
        yield return ("cluster of two sources", Secretive(To(world, way, "twice", Pods)));
        yield return ("no credential", Secretive(To(world, way, "without", Pods)));
        if (way.Login is LoginName.Session)
        {
            yield return ("another origin", Secretive(world.Browser.WithCookies(HostileWorld.Anonymous(way.Door, RawRequest.Get(Pods))).With("Origin", "https://evil.example").With("Sec-Fetch-Site", "cross-site")));
            yield return ("a page that does not say whence", Secretive(world.Browser.WithCookies(HostileWorld.Anonymous(way.Door, new RawRequest("DELETE", Pods)))));
        }

        yield return ("not served", Secretive(world.Identified(way.Login, RawRequest.Get(way.Door is DoorName.Backstage ? "/api/kubernetes/services/x" : "/clusters/kind/helm/x"))));
        foreach (var failing in new[] { "refused", "silent", "broken", "wrong" })
        {
            yield return (failing, Secretive(To(world, way, failing, Pods)));
        }

        if (way.Door is not DoorName.Service)
        {
            yield return ("a token of the caller's own", Secretive(To(world, way, "own", Pods)));
            yield return ("silent", Secretive(To(world, way, "silent", Pods + "?watch=1")));
            yield return ("silent", Secretive(world.Identified(way.Login, ToBare(way, "silent", RawRequest.WebSocket(Pods + "/x/exec?command=sh", "v5.channel.k8s.io")))));
        }
        else
        {
            yield return ("unknown Service", Secretive(world.Identified(way.Login, RawRequest.Get("/clusters/main/serviceproxy/default/unknown/x"))));
            yield return ("unknown port", Secretive(world.Identified(way.Login, RawRequest.Get("/clusters/main/serviceproxy/default/web:99/x"))));
        }

        if (way.Protocol is not WireProtocol.Http2Tls && way.Door is not DoorName.Service)
        {
            yield return ("silent", world.Identified(way.Login, ToBare(way, "silent", SpdyHandshake.Request(Pods + "/x/exec?command=sh"))));
        }
    }

    private static RawRequest To(HostileWorld world, HostileWay way, string name, string path) => world.Identified(way.Login, ToBare(way, name, RawRequest.Get(path)));

    /// <summary>To a cluster of that name; to a Service of that name at the service door, where there is one.</summary>
    private static RawRequest ToBare(HostileWay way, string name, RawRequest request) => way.Door switch
    {
        DoorName.Cluster => request with { Target = $"/clusters/{name}{request.Target}" },
        DoorName.Backstage => (request with { Target = "/api/kubernetes/proxy" + request.Target }).With("Backstage-Kubernetes-Cluster", name),
        _ => request with { Target = (name is "unknown" or "twice" or "without" ? $"/clusters/{name}/serviceproxy/default/web" : $"/clusters/main/serviceproxy/default/{name}") + request.Target },
    };

    /// <summary>With a secret wherever clients put them; a second <c>Cookie</c> line goes beside the first.</summary>
    private static RawRequest Secretive(RawRequest request) => (request with { Target = request.Target + (request.Target.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "access_token=" + InQuery })
        .With("Cookie", "other=" + InCookie).With("Proxy-Authorization", "Bearer " + InHeader).With("X-Api-Key", InHeader).With("X-Forwarded-Access-Token", InHeader);

    private static string Plain(string text) => text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
}
