using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Limits;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fairlead.Tests.Configuration;

public sealed class RootKeysTests : IDisposable
{
    private readonly Loading _loading = new();

    [Theory]
    [InlineData("/", "")]
    [InlineData("/gw", "/gw")]
    [InlineData("/gw/", "/gw")]
    [InlineData("/a/b-c/", "/a/b-c")]
    public void The_base_url_is_kept_without_a_slash_at_the_end(string text, string expected) =>
        _loading.Options($"baseUrl: {text}").BaseUrl.Should().Be(expected);

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://localhost:8080/")]
    [InlineData("http://[::1]:8080")]
    [InlineData("http://0.0.0.0:80")]
    public void A_listener_is_an_address_with_a_port(string url) =>
        _loading.Options($"listen: \"{url}\"").Listen.Should().Equal(new Uri(url));

    [Theory]
    [InlineData("log: {}", 0, 15)]
    [InlineData("listen: http://0.0.0.0:8080", 5, 15)]
    [InlineData("listen: [http://localhost:8080, 'http://[::1]:8081']", 0, 15)]
    [InlineData("listen: http://0.0.0.0:8080\ndrain: { budget: 10m }", 5, 600)]
    [InlineData("drain: { delay: 7s, budget: 0s }", 7, 0)]
    public void Load_balancers_get_time_where_there_may_be_some(string text, int delay, int budget) =>
        _loading.Options(text).Drain.Should().Be(new DrainOptions { Delay = TimeSpan.FromSeconds(delay), Budget = TimeSpan.FromSeconds(budget) });

    [Fact]
    public void All_values_arrive()
    {
        var options = _loading.Options("""
            listen: ["http://127.0.0.1:8080", "https://0.0.0.0:8443"]
            tls: { certFile: /c, keyFile: /k }
            management: { listen: off }
            cors: { origins: ["https://Portal.example.com/", "http://localhost:3000"] }
            limits: { requestBody: 1, requestLine: 2048, requestHeaders: 4096, streamsPerConnection: 5, responseReadAhead: 1000000, upgradedConnections: 6, requests: { perCaller: 7, perCluster: 8, perService: 9, all: 10 }, streams: { perService: unlimited }, rate: { perCaller: unlimited, perCluster: 11, all: 12 }, connections: { perAddress: 13, all: 14 } }
            timeouts: { requestHeaders: 5s, keepAlive: 6s, connect: 500ms, responseHeaders: 100s, idle: 2m, ping: 1s, fileCheck: 1h }
            log: { level: warning, format: text }
            access:
              rules:
                - subjects: { users: [jane], groups: [a, b] }
                  clusters: [kind]
                  namespaces: [team-*]
                  resources: [pods, pods/log]
                  verbs: [get]
            auth:
              static: [{ subject: s, tokenSha256: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA }]
            """);

        options.Listen.Should().HaveCount(2);
        options.ManagementListen.Should().BeNull();
        options.CorsOrigins.Should().Equal("https://portal.example.com", "http://localhost:3000");
        options.Limits.Should().Be(new LimitOptions
        {
            RequestBody = 1,
            RequestLine = 2048,
            RequestHeaders = 4096,
            StreamsPerConnection = 5,
            ResponseReadAhead = 1_000_000,
            UpgradedConnections = new ScopedLimit(1, 3, 1, 6),
            Requests = new ScopedLimit(7, 8, 9, 10),
            Streams = ScopedLimit.Default with { PerService = null },
            Rate = new RateLimit(null, 11, 12),
            Connections = new ConnectionLimit(13, 14),
        });
        options.Timeouts.Should().Be(new TimeoutOptions
        {
            RequestHeaders = TimeSpan.FromSeconds(5),
            KeepAlive = TimeSpan.FromSeconds(6),
            Connect = TimeSpan.FromMilliseconds(500),
            ResponseHeaders = TimeSpan.FromSeconds(100),
            Idle = TimeSpan.FromMinutes(2),
            Ping = TimeSpan.FromSeconds(1),
            FileCheck = TimeSpan.FromHours(1),
        });
        options.Log.Should().Be(new LogOptions { Level = LogLevel.Warning, Format = "text" });
        var rule = options.AccessRules.Should().ContainSingle().Subject;
        rule.Users.Should().Equal("jane");
        rule.Groups.Should().Equal("a", "b");
        rule.Namespaces.Should().Equal("team-*");
        options.Auth!.Static.Should().ContainSingle().Which.Groups.Should().BeEmpty();
    }

    [Theory]
    [InlineData("auth:", false)]
    [InlineData("auth: {}", true)]
    [InlineData("auth: { jwt: [{ issuer: https://idp, audiences: [a] }] }", true)]
    public void An_auth_section_counts_as_present_whatever_it_holds(string yaml, bool present) =>
        (_loading.Options(yaml).Auth is not null).Should().Be(present);

    [Theory]
    [InlineData("baseUrl: gw", "baseUrl", "has to be a path such as /gw")]
    [InlineData("baseUrl: /a b", "baseUrl", "has to be a path such as /gw")]
    [InlineData("baseUrl: /a/../b", "baseUrl", "has to be a path such as /gw")]
    [InlineData("baseUrl: //a", "baseUrl", "has to be a path such as /gw")]
    [InlineData("baseUrl: /a%2Fb", "baseUrl", "has to be a path such as /gw")]
    [InlineData("baseUrl: https://h/gw", "baseUrl", "publicUrl")]
    [InlineData("baseUrl: 7", "baseUrl", "has to be a string, this is a number; put it in quotes")]
    [InlineData("baseurl: /gw", "baseurl", "unknown key; did you mean 'baseUrl'?")]
    [InlineData("acess: { rules: [] }", "acess", "did you mean 'access'?")]
    [InlineData("zzz: 1", "zzz", "unknown key; known here: access, audit, auth, baseUrl")]
    [InlineData("limits: { requestBodies: 1 }", "limits.requestBodies", "did you mean 'requestBody'?")]
    [InlineData("listen: 127.0.0.1:8080", "listen", "has to be http://ADDRESS:PORT")]
    [InlineData("listen: http://example.com:80", "listen", "an IP address or localhost")]
    [InlineData("listen: http://*:80", "listen", "an IP address or localhost")]
    [InlineData("listen: http://127.0.0.1", "listen", "the port is missing")]
    [InlineData("listen: http://127.0.0.1:80/x", "listen", "a path is given by baseUrl")]
    [InlineData("listen: http://127.0.0.1:80?x", "listen", "nothing after the port")]
    [InlineData("listen: http://u@127.0.0.1:80", "listen", "nothing after the port")]
    [InlineData("listen: ftp://127.0.0.1:80", "listen", "has to be http://ADDRESS:PORT")]
    [InlineData("listen: [http://127.0.0.1:80, http://127.0.0.1:80]", "listen[1]", "listed twice")]
    [InlineData("listen: []", "listen", "the list is empty")]
    [InlineData("listen: http://127.0.0.1:8090", "management", "the same address")]
    [InlineData("listen: https://127.0.0.1:8443", "tls", "is missing")]
    [InlineData("tls: { certFile: c }", "tls.keyFile", "is missing")]
    [InlineData("publicUrl: https://h/path", "publicUrl", "has to be an origin")]
    [InlineData("cors: { origins: ['*'] }", "cors.origins[0]", "there is no wildcard")]
    [InlineData("cors: { origins: https://a }", "cors.origins", "has to be a list, this is a string")]
    [InlineData("limits: { requestLine: 1 }", "limits.requestLine", "has to be between 1024 and")]
    [InlineData("limits: { responseReadAhead: 65534 }", "limits.responseReadAhead", "has to be between 65535 and 16777216")]
    [InlineData("limits: { requestLine: many }", "limits.requestLine", "has to be a whole number, this is a string")]
    [InlineData("limits: []", "limits", "has to be a map, this is a list")]
    [InlineData("timeouts: { connect: 15 }", "timeouts.connect", "has to be a duration such as 500ms, 15s")]
    [InlineData("timeouts: { connect: -1s }", "timeouts.connect", "has to be a duration")]
    [InlineData("timeouts: { connect: 0s }", "timeouts.connect", "has to be between 10ms and 24h")]
    [InlineData("timeouts: { ping: 500ms }", "timeouts.ping", "has to be between 1s and 24h")]
    [InlineData("log: { level: loud }", "log.level", "has to be one of trace")]
    [InlineData("log: { format: xml }", "log.format", "has to be one of text, json")]
    [InlineData("audit: {}", "audit.file", "is missing; name one, or say stdout: true")]
    [InlineData("audit: { stdout: false }", "audit.file", "is missing")]
    [InlineData("audit: { file: a, maxSize: 100M }", "audit.maxSize", "has to be a whole number")]
    [InlineData("audit: { file: a, maxSize: 1.5Gi }", "audit.maxSize", "has to be a number of bytes, or one with Ki, Mi or Gi")]
    [InlineData("audit: { file: a, maxSize: 1Ki }", "audit.maxSize", "has to be between 4096 and")]
    [InlineData("audit: { file: a, maxSize: 99999999999999Gi }", "audit.maxSize", "has to be a number of bytes")]
    [InlineData("audit: { file: a, maxFiles: 0 }", "audit.maxFiles", "has to be between 1 and 100000")]
    [InlineData("audit: { file: a, maxAge: 30d }", "audit.maxAge", "has to be a duration")]
    [InlineData("audit: { file: a, whenFull: drop }", "audit.whenFull", "has to be one of refuse, forget")]
    [InlineData("audit: { file: a, maxsize: 1Gi }", "audit.maxsize", "did you mean 'maxSize'?")]
    [InlineData("auth: { static: [{ subject: s, tokenSha256: SENTINEL }] }", "auth.static[0].tokenSha256", "64 hex digits")]
    [InlineData("auth: { static: [{ subject: s, token: SENTINEL, tokenSha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }] }", "auth.static[0].token", "unknown key")]
    [InlineData("auth: { oidc: { issuer: https://a, clientId: b, clientSecret: [SENTINEL] } }", "auth.oidc.clientSecret", "has to be a string, this is a list")]
    [InlineData("auth: { tokenReview: SENTINEL }", "auth.tokenReview", "has to be true or false, this is a string")]
    [InlineData("auth: { saml: {} }", "auth.saml", "unknown key")]
    [InlineData("serviceProxy: { transport: SENTINEL }", "serviceProxy.transport", "auto, direct, apiserver")]
    [InlineData("access: { rules: [{ clusters: [a], namespaces: [b], resources: [c], verbs: [get] }] }", "access.rules[0].subjects", "at least one subject")]
    [InlineData("access: { rules: [{ subjects: { groups: [] }, clusters: [a], namespaces: [b], resources: [c], verbs: [get] }] }", "access.rules[0].subjects", "at least one subject")]
    [InlineData("access: { rules: [{ subjects: { users: [u] }, namespaces: [b], resources: [c], verbs: [get] }] }", "access.rules[0].clusters", "is missing")]
    [InlineData("access: { rules: [{ subjects: { users: [u] }, clusters: [], namespaces: [b], resources: [c], verbs: [get] }] }", "access.rules[0].clusters", "the list is empty")]
    [InlineData("access: { rules: [{ subjects: { users: [u] }, clusters: ['${MISSING}'], namespaces: [b], resources: [c], verbs: [get] }] }", "access.rules[0].clusters[0]", "the environment variable 'MISSING' is not set")]
    [InlineData("access: { deny: [] }", "access.deny", "unknown key")]
    public void A_fault_is_one_error_with_path_place_and_remedy(string yaml, string path, string message)
    {
        var error = _loading.Error(yaml);
        error.Path.Should().Be(path);
        error.Message.Should().Contain(message).And.NotContain("SENTINEL");
        error.Location.Should().MatchRegex(@"fairlead\.yaml(:1)?$");
    }

    [Fact]
    public void All_errors_are_listed_in_file_order()
    {
        var first = _loading.Folder.Write("a.yaml", "log: { level: loud }\nbaseUrl: gw\n");
        var second = _loading.Folder.Write("b.yaml", "zzz: 1\nlimits: { requestBody: x }\n");
        _loading.LoadFiles(first, second).Errors.Select(error => (error.Path, error.Location)).Should().Equal(
            ("log.level", $"{first}:1"), ("baseUrl", $"{first}:2"), ("zzz", $"{second}:1"), ("limits.requestBody", $"{second}:2"));
    }

    [Fact]
    public void One_token_cannot_stand_for_two_callers()
    {
        var hash = new string('b', 64);
        _loading.Error($"auth: {{ static: [{{ subject: a, tokenSha256: {hash} }}, {{ subject: b, tokenSha256: {hash} }}] }}")
            .Path.Should().Be("auth.static[1].tokenSha256");
    }

    public void Dispose() => _loading.Dispose();
}
