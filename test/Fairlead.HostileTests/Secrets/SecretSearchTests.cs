using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AwesomeAssertions;
using Fairlead.HostileTests.Faults;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Telemetry;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Secrets;

/// <summary>
/// T73: the built gateway at its highest log level, with every kind of credential in use, through successes and failures; then everything that it has printed,
/// recorded and answered by itself is searched for each of them. Azure's and Google's tokens are searched for in the same way where they are obtained (the tests of the clouds).
/// </summary>
public sealed class SecretSearchTests
{
    private const string Host = "fairlead.example.com";

    private static readonly string[] _arrive =
        ["held", "own", "headlamp", "socket", "imp", "plugin", "proxy", "command", "query", "review body", "service", "aws session", "client secret", "code"];

    [Theory]
    [InlineData("json", false)]
    [InlineData("text", false)]
    [InlineData("json", true)]
    public async Task T73_No_log_no_audit_record_and_no_answer_of_the_gateway_holds_a_secret(string format, bool isShared)
    {
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        string Plant(string name)
        {
            // Each one is another; earlier ones are looked for under a number.
            if (secrets.TryGetValue(name, out var earlier))
            {
                secrets[string.Create(CultureInfo.InvariantCulture, $"{name} #{secrets.Count}")] = earlier;
            }

            return secrets[name] = $"{name.Replace(' ', '-')}+{Guid.NewGuid():N}/end";
        }

        var redisPassword = $"redis-{Guid.NewGuid():N}";
        await using var redis = isShared ? await StartRedisAsync(redisPassword) : null;
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Claims["groups"] = new JsonArray("portal");
        secrets["client secret"] = TestIssuer.ClientSecret;
        await using var upstream = new RawUpstream();
        upstream.OnConnection(AnswerAsync);
        await using var mutual = new RawUpstream(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server().Certificate, RequestClientCertificate = true });
        await using var proxy = new RawUpstream();
        proxy.Respond(static request => request.Headers("Proxy-Authorization").Count == 0 ? RawAnswer.Text(407, "", "text/plain", "Proxy-Authenticate: Basic realm=\"p\"") : RawAnswer.Json(200, "{}"));
        await using var backstage = new RawUpstream();
        var backstageKey = IssuerKey.Ec("portal");
        backstage.Respond(request => RawAnswer.Json(request.Target.EndsWith("/jwks.json", StringComparison.Ordinal) ? 200 : 404, new JsonObject { ["keys"] = new JsonArray(backstageKey.ToJwk()) }.ToJsonString()));
        await using var sts = new RawUpstream();
        sts.Respond(RawAnswer.Text(200, $"""
            <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>{Plant("aws assumed")}</SecretAccessKey><SessionToken>{Plant("aws session")}</SessionToken><Expiration>{DateTime.UtcNow.AddHours(1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
            """, "text/xml"));
        await using var cluster = await ServiceCluster.StartClusterAsync();
        ServiceCluster.AddService(cluster, "web", upstream.Port);
        ServiceCluster.Allow(cluster, "gateway", "get", "", "secrets");
        cluster.Put($$"""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"web-credential","namespace":"default"},"data":{"token":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(Plant("service")))}}"} }
            """);
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: true);
        using var folder = new TempFolder();
        var client = TestCertificates.Shared.Client("gateway");
        secrets["client key"] = client.KeyPem.Split('\n')[1];
        var plugin = folder.Write("plugin", $$"""
            #!/bin/sh
            echo '{{Plant("plugin complaint")}}' >&2
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"{{Plant("plugin")}}"} }'
            """);
        var failing = folder.Write("failing", $"#!/bin/sh\necho '{Plant("failing plugin")}' >&2\necho '{secrets["failing plugin"]}'\nexit 3\n");
        File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetUnixFileMode(failing, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var portal = Plant("portal");
        var audit = folder.PathOf("audit.log");
        var proxyPassword = $"proxy-{Guid.NewGuid():N}";
        secrets["proxy"] = proxyPassword;
        secrets["redis"] = redisPassword;
        secrets["session encryption"] = $"encryption-{Guid.NewGuid():N}";
        secrets["aws key"] = $"awskey{Guid.NewGuid():N}";
        secrets["gateway account"] = ServiceCluster.GatewayToken;
        var (gateway, listening) = await GatewayProcess.StartAsync(
            "listens on http://127.0.0.1:(\\d+)", ["serve"], $$"""
            listen: http://127.0.0.1:0
            management: { listen: http://127.0.0.1:{{ManagementPort(out var management)}} }
            publicUrl: https://{{Host}}
            log: { level: trace, format: {{format}} }
            audit: { file: "{{audit}}" }
            telemetry: { stdout: true, otlp: { endpoint: '{{collector.Url}}', headers: { x-api-key: '{{Plant("collector")}}' }, interval: 1s } }
            timeouts: { connect: 20s, responseHeaders: 20s }
            sessions: { secret: "{{secrets["session encryption"]}}"{{(isShared ? $", redis: {{ url: 'redis://:{redisPassword}@127.0.0.1:{redis!.Port}' }}" : "")}} }
            auth:
              backstage: { url: '{{backstage.Url}}', token: '{{Plant("token for the portal")}}' }
              tokenReview: {{(isShared ? "true" : "false")}}
              static: [{ subject: portal-caller, tokenSha256: "{{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(portal)))}}", groups: [portal] }]
              jwt: [{ name: people, issuer: '{{issuer.Issuer}}', audiences: [api], usernameClaim: preferred_username, groupsClaim: groups }]
              oidc: [{ name: oidc, issuer: '{{issuer.Issuer}}', clientId: {{TestIssuer.ClientId}}, clientSecret: '{{TestIssuer.ClientSecret}}', callbackUrl: 'https://{{Host}}/auth/callback', usernameClaim: preferred_username, groupsClaim: groups }]
            credentials: { exec: { allowedCommands: ['{{plugin}}', '{{failing}}'] } }
            access: { rules: [{ subjects: { groups: [portal, "group:default/devs"] }, clusters: ["*"], namespaces: ["*"], resources: ["*"], verbs: ["*"] }] }
            serviceProxy: { defaultCluster: main, allowedAddresses: [127.0.0.0/8], services: [{ cluster: main, namespace: default, name: web, credentialSecretRef: { name: web-credential } }] }
            kubernetes:
              clusterLocatorMethods:
                - type: config
                  clusters:
                    - { name: held, url: '{{upstream.Url}}', authProvider: serviceAccount, serviceAccountToken: '{{Plant("held")}}' }
                    - { name: gone, url: 'http://127.0.0.1:1', authProvider: serviceAccount, serviceAccountToken: '{{secrets["held"]}}' }
                    - { name: own, url: '{{upstream.Url}}', authProvider: oidc, oidcTokenProvider: oidc }
                    - { name: imp, url: '{{upstream.Url}}', authProvider: impersonate, impersonation: { serviceAccountToken: '{{Plant("imp")}}', users: ["*"], groups: [portal] } }
                    - { name: certified, url: '{{mutual.Url}}', caData: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(TestCertificates.Shared.AuthorityPem))}}, authProvider: clientCertificate, clientCertData: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(client.Pem))}}, clientKeyData: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(client.KeyPem))}} }
                    - { name: plugin, url: '{{upstream.Url}}', authProvider: exec, exec: { command: '{{plugin}}' } }
                    - { name: failing, url: '{{upstream.Url}}', authProvider: exec, exec: { command: '{{failing}}' } }
                    - { name: cloud, url: '{{upstream.Url}}', authProvider: aws, region: eu-west-1, assumeRole: 'arn:aws:iam::123456789012:role/team/portal' }
                    - { name: proxied, url: 'http://127.0.0.9:6443', proxyUrl: 'http://user:{{proxyPassword}}@127.0.0.1:{{proxy.Port}}', authProvider: serviceAccount, serviceAccountToken: '{{secrets["held"]}}' }
                    - { name: main, url: '{{cluster.Server}}', caData: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(cluster.CertificateAuthorityPem))}}, authProvider: serviceAccount, serviceAccountToken: '{{ServiceCluster.GatewayToken}}', network: direct }
            """, new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE", ["AWS_SECRET_ACCESS_KEY"] = secrets["aws key"], ["AWS_ENDPOINT_URL_STS"] = sts.Url, ["AWS_EC2_METADATA_DISABLED"] = "true",
            });
        await using var running = gateway;
        var port = int.Parse(listening.Groups[1].Value, CultureInfo.InvariantCulture);
        var answers = new StringBuilder();

        // :: whoever calls, with every kind of credential, where it works and where it does not
        var jwt = secrets["jwt"] = issuer.Token(("aud", "api"));
        var forged = secrets["forged jwt"] = jwt[..^8] + "AAAAAAAA";
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var portalUser = secrets["portal user"] = backstageKey.Sign(
            new JsonObject { ["iss"] = backstage.Url + "/api/auth", ["aud"] = "backstage", ["sub"] = "user:default/jane", ["ent"] = new JsonArray("group:default/devs"), ["iat"] = now, ["exp"] = now + 3600 },
            ("typ", "vnd.backstage.user"));
        var forgedUser = secrets["forged portal user"] = portalUser[..^8] + "AAAAAAAA";
        (await SendAsync(RawRequest.Get("/clusters/held/api/v1/pods").WithBearer(portalUser))).Status.Should().Be(200, "the portal's user is known");
        foreach (var name in (string[])["held", "imp", "certified", "plugin", "failing", "cloud", "proxied", "gone", "nowhere"])
        {
            foreach (var token in (string[])[portal, jwt, forged, portalUser, forgedUser])
            {
                await SendAsync(RawRequest.Get($"/clusters/{name}/api/v1/namespaces/n/pods?labelSelector={Uri.EscapeDataString(Plant("query"))}").WithBearer(token));
                await SendAsync(RawRequest.Get("/api/kubernetes/proxy/api/v1/pods").With("Backstage-Kubernetes-Cluster", name).WithBearer(token));
            }
        }

        foreach (var name in (string[])["own", "gone", "held"])
        {
            await SendAsync(RawRequest.Get($"/clusters/{name}/api/v1/pods").WithBearer(Plant("own")));
            await SendAsync(RawRequest.Get("/api/kubernetes/proxy/api/v1/pods").With("Backstage-Kubernetes-Cluster", name).WithBearer(portal)
                .With("Backstage-Kubernetes-Authorization-oidc-oidc", secrets["own"]).With("Backstage-Kubernetes-Authorization", secrets["own"]));
            await SendAsync(RawRequest.Get($"/clusters/{name}/api/v1/pods").With("Cookie", $"headlamp-auth-{name}.0={Plant("headlamp").Replace("+", "", StringComparison.Ordinal)}").With("Sec-Fetch-Site", "same-origin"));
            secrets["headlamp"] = secrets["headlamp"].Replace("+", "", StringComparison.Ordinal);
            await SendAsync(RawRequest.Get($"/clusters/{name}/api/v1/pods?access_token={Uri.EscapeDataString(Plant("in the url"))}"));
            await SendAsync(RawRequest.Get($"/clusters/{name}/api/v1/pods").With("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("ann:" + Plant("basic")))));
            await SendAsync(RawRequest.Get($"/clusters/{name}/api/v1/pods").With("Authorization", $"Negotiate {Plant("scheme")}").With("Proxy-Authorization", $"Bearer {Plant("to a proxy")}").With("X-Api-Key", Plant("key")));
            await SendAsync(RawRequest.Get($"/clusters/{name}/api/v1/pods").With("Authorization", $"Bearer {Plant("two a")}").With("Authorization", $"Bearer {Plant("two b")}"));
            await SendAsync(RawRequest.Get($"/clusters/{name}/api/v1/pods").WithBearer(portal).With("Impersonate-User", Plant("impersonated")));
            await SendAsync(RawRequest.Get($"/clusters/{name}/a%2F{Plant("path").Replace("/", "", StringComparison.Ordinal)}/..?x={Plant("bad target").Replace("/", "", StringComparison.Ordinal)}").WithBearer(portal));
            await SendAsync(RawRequest.Get($"/clusters/{name}/api/v1/pods").With("Cookie", $"__Host-fairlead-session={Plant("made-up session").Replace("+", "", StringComparison.Ordinal)}").With("Sec-Fetch-Site", "same-origin"));
            await SendAsync(new RawRequest("POST", $"/clusters/{name}/set-token").With("Sec-Fetch-Site", "same-origin").WithBody(JsonSerializer.Serialize(new { token = Plant("set token") })));
            await SendAsync(new RawRequest("POST", $"/clusters/{name}/apis/authentication.k8s.io/v1/tokenreviews").WithBearer(secrets["own"]).WithBody(JsonSerializer.Serialize(new { spec = new { token = Plant("review body") } })));
            await SendAsync(RawRequest.Get($"/clusters/{name}/api/v1/namespaces/n/secrets/s").WithBearer(secrets["own"]));
            var exec = $"/clusters/{name}/api/v1/namespaces/n/pods/p/exec?command=login&command={Uri.EscapeDataString(Plant("command"))}";
            await SendAsync(RawRequest.WebSocket(exec, "v4.channel.k8s.io", "base64url.bearer.authorization.k8s.io." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Plant("socket")))));
            await SendAsync(RawRequest.WebSocket(exec, "v4.channel.k8s.io", "base64url.bearer.authorization.k8s.io." + Plant("no base64").Replace("/", "", StringComparison.Ordinal)));
            var ticket = await SendAsync(new RawRequest("POST", "/auth/ticket").WithBearer(portal).With("Backstage-Kubernetes-Authorization-oidc-oidc", secrets["own"]).WithBody(JsonSerializer.Serialize(new { cluster = name, path = "/api/v1/namespaces/n/pods/p/exec" })));
            if (ticket.Status == 200)
            {
                secrets["ticket " + name] = ticket.Json.RootElement.GetProperty("ticket").GetString()!;
                for (var i = 0; i < 2; i++)
                {
                    await SendAsync(RawRequest.WebSocket("/api/kubernetes/proxy/api/v1/namespaces/n/pods/p/exec?command=sh", "v4.channel.k8s.io", "ticket.fairlead.dev." + secrets["ticket " + name]).With("Origin", "https://" + Host));
                }
            }
        }

        secrets.Keys.Should().Contain(["ticket held", "secret body"]);
        foreach (var path in (string[])["/serviceproxy/default/web/x", "/serviceproxy/default/missing/x", "/serviceproxy/default/web/fail"])
        {
            await SendAsync(RawRequest.Get(path).WithBearer(portal).With("Cookie", $"app={Plant("cookie of the service").Replace("+", "", StringComparison.Ordinal)}"));
            secrets["cookie of the service"] = secrets["cookie of the service"].Replace("+", "", StringComparison.Ordinal);
            await SendAsync(RawRequest.Get(path).With("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("x:" + portal))));
        }

        // :: somebody who signs in with a browser, is refreshed, and signs out
        issuer.Lifetime = TimeSpan.FromSeconds(1);
        var tab = new BrowserTab(WireProtocol.Http11, Host) { Port = port };
        var toProvider = Note(await tab.OpenAsync("/auth/login"));
        toProvider.Status.Should().Be(303, toProvider.BodyText);
        var callback = new Uri(issuer.SignIn(toProvider.Header("Location")!));
        secrets["code"] = System.Web.HttpUtility.ParseQueryString(callback.Query)["code"]!;
        var back = RawRequest.Get(callback.PathAndQuery).With("Sec-Fetch-Site", "cross-site").With("Sec-Fetch-Mode", "navigate").With("Sec-Fetch-Dest", "document");
        Note(await tab.SendAsync(back)).Status.Should().Be(200);
        secrets["session"] = tab.SessionKey!;
        for (var i = 0; i < 2; i++)
        {
            foreach (var name in (string[])["held", "own", "gone"])
            {
                Note(await tab.FetchAsync("GET", $"/clusters/{name}/api/v1/pods"));
            }
        }

        await Eventually.BeTrueAsync(
            async () =>
            {
                Note(await tab.FetchAsync("GET", "/clusters/own/api/v1/pods"));
                return issuer.Given.Any(static given => given.Name is "refresh_token 1");
            },
            "the session is refreshed");
        Note(await tab.SendAsync(back));
        issuer.Fails = 500;
        Note(await tab.FetchAsync("GET", "/clusters/own/api/v1/namespaces"));
        issuer.Fails = null;
        issuer.Forget("7");
        Note(await tab.FetchAsync("GET", "/clusters/own/api/v1/nodes"));
        Note(await tab.FetchAsync("POST", "/auth/logout", "{}"));
        Note(await tab.FetchAsync("GET", "/clusters/held/api/v1/pods"));
        foreach (var (name, token) in issuer.Given)
        {
            secrets[name] = token;
        }

        secrets.Keys.Should().Contain(["refresh_token 0", "access_token 0", "id_token 0", "refresh_token 1"]);
        foreach (var path in (string[])["/livez", "/readyz?verbose", "/metrics", "/debug/pprof", "/", $"/{portal}", $"/readyz?verbose={Uri.EscapeDataString(secrets["own"])}"])
        {
            answers.Append(await RawClient.ExchangeAsync(management, RawRequest.Get(path).WithBearer(portal)));
        }

        // :: the search, after a look at whether there was something to be found
        var sent = string.Concat(new[] { upstream, mutual, proxy, sts }.SelectMany(static one => one.Requests).Select(static request => request.ToString())) + string.Concat(issuer.Received);
        SecretForms.FoundIn(sent, secrets).Select(static name => name.Split(" #")[0]).Should().Contain(_arrive, "they were in use");
        upstream.Requests.Any(request => request.Target.EndsWith("/tokenreviews", StringComparison.Ordinal) && SecretForms.FoundIn(request.BodyText, secrets).Any(static name => name.StartsWith("own", StringComparison.Ordinal))).Should().Be(isShared, "the cluster is asked about a token where that is on");
        mutual.Connections.Should().Contain(static connection => connection.PeerCertificate != null);
        await Eventually.BeTrueAsync(() => FaultyWorld.Records(audit).Count > 100, "the records are written");
        var mark = collector.Metrics.Count;
        await Eventually.BeTrueAsync(() => collector.Spans.Count > 100 && collector.Metrics.Count > mark + 1, "spans and metrics have come");
        (await gateway.StopAsync()).Should().BeOneOf(0, 143);
        var printed = gateway.Process.Transcript();
        printed.Should().Contain("cluster").And.MatchRegex("(?i)debug|dbug", "the highest level is on");
        SecretForms.FoundIn(printed, secrets).Should().BeEmpty("of the log");
        SecretForms.FoundIn(await File.ReadAllTextAsync(audit), secrets).Should().BeEmpty("of the audit file");
        SecretForms.FoundIn(answers.ToString(), secrets).Should().BeEmpty("of the gateway's own answers, its metrics among them");
        answers.ToString().Should().Contain("fairlead_request_duration_seconds_count{");
        SecretForms.FoundIn(string.Join('\n', collector.Spans.Select(static span => $"{span.Name} {span.State} {string.Join(' ', span.Attributes)} {string.Join(' ', span.Resource)}")), secrets).Should().BeEmpty("of the spans");
        SecretForms.FoundIn(string.Join('\n', collector.Metrics.Select(Encoding.Latin1.GetString)), secrets).Should().BeEmpty("of the metrics that are sent");

        async Task<RawResponse> SendAsync(RawRequest request)
        {
            await using var connection = await RawClient.ConnectAsync(port);
            var response = await connection.SendAsync(request.With("Host", Host));
            return Note(response.Status == 101 ? response : await response.ReadToEndAsync());
        }

        // What an upstream has answered is its own; a refusal, and a page of the gateway, is the gateway's.
        RawResponse Note(RawResponse response)
        {
            if (response.Headers("Proxy-Status").Count > 0)
            {
                answers.Append(response);
            }

            return response;
        }

        async Task AnswerAsync(RawUpstreamConnection connection)
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (request.Headers("Upgrade").Count > 0)
                {
                    await connection.WriteAsync(WebSocketHandshake.Accept(request, "v4.channel.k8s.io"));
                    await connection.PeerClosed;
                    return;
                }

                await connection.AnswerAsync(
                    request.Target.EndsWith("/fail", StringComparison.Ordinal) ? RawAnswer.Truncated(1000, Plant("truncated body"))
                    : request.Target.EndsWith("/tokenreviews", StringComparison.Ordinal) ? RawAnswer.Json(201, """{"status":{"authenticated":true,"user":{"username":"bob","groups":["portal"]}}}""")
                    : request.Target.Contains("accessreviews", StringComparison.Ordinal) ? RawAnswer.Json(201, """{"status":{"allowed":true}}""")
                    : request.Target.Contains("/secrets/", StringComparison.Ordinal) ? RawAnswer.Json(200, JsonSerializer.Serialize(new { kind = "Secret", data = new { password = secrets["secret body"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"body-{Guid.NewGuid():N}")) } }))
                    : RawAnswer.Json(200, "{}"));
                if (!connection.IsOpen || request.Target.EndsWith("/fail", StringComparison.Ordinal))
                {
                    return;
                }
            }
        }
    }

    [Fact]
    public void The_search_finds_a_secret_in_every_shape()
    {
        const string Secret = "pass+word/of a \"test\"";
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal) { ["it"] = Secret };

        foreach (var before in (string[])["", "a", "ab", "abc"])
        {
            foreach (var after in (string[])["", "x", "xy"])
            {
                var bytes = Encoding.UTF8.GetBytes(before + Secret + after);
                SecretForms.FoundIn($"... {Convert.ToBase64String(bytes)} ...", secrets).Should().Equal("it");
                SecretForms.FoundIn($"... {Base64Url.EncodeToString(bytes)} ...", secrets).Should().Equal("it");
                SecretForms.FoundIn(JsonSerializer.Serialize(before + Secret + after), secrets).Should().Equal("it");
                SecretForms.FoundIn("?a=" + Uri.EscapeDataString(before + Secret + after), secrets).Should().Equal("it");
            }
        }

        SecretForms.FoundIn("pass+word/of another test", secrets).Should().BeEmpty();
    }

    private static int ManagementPort(out int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return port = ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task<RedisProcess> StartRedisAsync(string password)
    {
        Assert.SkipUnless(ExternalTools.RedisServer.IsAvailable, ExternalTools.RedisServer.WhyMissing);
        ManagementPort(out var port);
        var process = RunningProcess.Start(
            ExternalTools.RedisServer.Require(), ["--bind", "127.0.0.1", "--save", "", "--requirepass", password, "--port", port.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForLineAsync("Ready to accept connections");
        return new RedisProcess(process, port);
    }

    private sealed record RedisProcess(RunningProcess Process, int Port) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
