using System.Text.Json.Nodes;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>Bearer JWTs of a configured issuer, at a real issuer and a recording upstream.</summary>
public sealed class JwtTests : IAsyncLifetime
{
    private readonly RawUpstream _upstream = new();
    private TestIssuer _issuer = null!;
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await TestIssuer.StartAsync();
        _gateway = await TestGateway.StartAsync(Options());
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _issuer.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/kubernetes/proxy/api/v1/pods")]
    [InlineData("/clusters/kind/api/v1/pods")]
    public async Task Decision8_A_token_of_the_issuer_says_who_calls_and_never_travels(string target)
    {
        var token = _issuer.Token();

        var response = await AskAsync(token, target);

        response.Status.Should().Be(200);
        _upstream.Requests.Should().ContainSingle().Which.Header("Authorization").Should().Be("Bearer SA");
    }

    [Fact]
    public async Task T75_A_verified_token_costs_the_issuer_nothing()
    {
        var token = _issuer.Token();
        for (var i = 0; i < 5; i++)
        {
            (await AskAsync(token)).Status.Should().Be(200);
        }

        (_issuer.Calls("/.well-known/openid-configuration"), _issuer.Calls("/jwks")).Should().Be((1, 1));
    }

    public static TheoryData<string, string> Forgeries => new()
    {
        { "alg none", "algorithm" }, { "alg None", "algorithm" }, { "HS256 with the public key", "algorithm" }, { "no signature", "signature" }, { "another key", "signature" },
        { "another key of its own kid", "does not publish" }, { "kid with a path", "does not publish" }, { "another audience", "audience" }, { "no audience", "audience" },
        { "no exp", "expires" }, { "exp as text", "expires" }, { "expired", "has expired" }, { "nbf ahead", "not valid yet" }, { "iat ahead", "future" },
        { "crit", "crit" }, { "logout token", "typ" }, { "changed claims", "signature" }, { "address with two at signs", "no address" }, { "unverified address", "not verified" },
        { "reserved name", "reserved" }, { "reserved group", "reserved" }, { "empty group", "groups" }, { "groups as an object", "groups" }, { "10,000 groups", "groups" },
        { "no name", "email" }, { "empty name", "email" }, { "name as a number", "email" }, { "name with a line break", "email" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task T04_T08_What_is_not_acceptable_is_refused_and_nothing_is_sent(string forgery, string reason)
    {
        var token = Forge(forgery);

        foreach (var target in new[] { "/clusters/kind/api/v1/pods", "/api/kubernetes/proxy/api/v1/pods", "/serviceproxy/default/web/x" })
        {
            var response = await BothProtocols.SendAsync(_gateway, Request(token, target));

            response.Status.Should().Be(401, target);
            response.BodyText.Should().NotContain(token);
            if (!target.StartsWith("/api", StringComparison.Ordinal))
            {
                response.BodyText.Should().Contain(reason);
            }
        }

        _upstream.Requests.Should().BeEmpty();
        string.Join("\n", _gateway.Log.Lines).Should().NotContain(token);
    }

    [Fact]
    public async Task Decision8_A_token_of_another_issuer_is_the_callers_own_at_the_cluster_door()
    {
        var token = _issuer.Token(("iss", "https://kubernetes.default.svc"));

        (await AskAsync(token, "/clusters/kind/api/v1/pods")).Status.Should().Be(200);

        _upstream.Requests.Should().ContainSingle().Which.Header("Authorization").Should().Be("Bearer " + token);
        (await AskAsync(token)).Status.Should().Be(401, "at the Backstage door Authorization only says who calls");
        (await AskAsync(_issuer.Token(("iss", _issuer.Issuer + "/")), "/api/kubernetes/proxy/api")).Status.Should().Be(401);
    }

    [Fact]
    public async Task Decision8_To_a_cluster_that_trusts_the_issuer_it_is_the_callers_own()
    {
        var token = _issuer.Token();

        (await AskAsync(token, "/clusters/trusting/api/v1/pods")).Status.Should().Be(200);
        _upstream.Requests.Should().ContainSingle().Which.Header("Authorization").Should().Be("Bearer " + token);

        (await AskAsync(token, "/clusters/other/api/v1/pods")).Status.Should().Be(401, "that one trusts somebody else");
        (await _gateway.SendBareAsync(RawRequest.Get("/api/kubernetes/proxy/api/v1/pods").With("Backstage-Kubernetes-Cluster", "trusting").WithBearer(token))).Status.Should().Be(401, "contract F6");
        _upstream.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Decision8_What_a_trusting_cluster_makes_of_a_token_is_its_own_business()
    {
        var meant = _issuer.Token(("aud", "kubernetes"));

        (await AskAsync(meant, "/clusters/trusting/api/v1/pods")).Status.Should().Be(200, "its audience is the cluster, which judges it");
        _upstream.Requests.Should().ContainSingle().Which.Header("Authorization").Should().Be("Bearer " + meant);

        (await AskAsync(meant, "/clusters/kind/api/v1/pods")).Status.Should().Be(401);
        (await AskAsync(meant, "/clusters/other/api/v1/pods")).Status.Should().Be(401);
        (await AskAsync(meant)).Status.Should().Be(401);
        _upstream.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Keys_are_rotated_without_a_restart_and_an_unknown_key_is_asked_for_once()
    {
        (await AskAsync(_issuer.Token())).Status.Should().Be(200);
        var next = IssuerKey.Ec("two");
        _issuer.Keys.Insert(0, next);

        (await AskAsync(_issuer.Token())).Status.Should().Be(200);
        _issuer.Calls("/jwks").Should().Be(2);

        // T75: made-up keys do not let anybody send the gateway to the issuer again and again.
        for (var i = 0; i < 20; i++)
        {
            (await AskAsync(IssuerKey.Ec($"made-up-{i}").Sign(_issuer.TokenClaims()))).Status.Should().Be(401);
        }

        _issuer.Calls("/jwks").Should().Be(2);
    }

    [Fact]
    public async Task An_issuer_that_is_away_is_503_and_known_keys_go_on()
    {
        var known = _issuer.Token(("jti", "a"));
        (await AskAsync(known)).Status.Should().Be(200);
        await _issuer.StopAsync();
        try
        {
            (await AskAsync(_issuer.Token(("jti", "b")))).Status.Should().Be(200, "its keys are known");
            await using var fresh = await TestGateway.StartAsync(Options());
            var response = await fresh.SendBareAsync(Request(known));

            response.Status.Should().Be(503);
            response.BodyText.Should().Contain("keys").And.NotContain("127.0.0.1");
        }
        finally
        {
            await _issuer.ListenAsync();
        }
    }

    [Theory]
    [InlineData("another issuer")]
    [InlineData("short keys")]
    [InlineData("symmetric keys")]
    [InlineData("encryption keys")]
    [InlineData("no JSON")]
    public async Task An_issuer_that_publishes_nothing_usable_lets_nobody_in(string fault)
    {
        switch (fault)
        {
            case "another issuer":
                _issuer.Discovery = static document => document["issuer"] = "https://elsewhere.example.com";
                break;
            case "short keys":
                _issuer.Keys.Insert(0, IssuerKey.Rsa("one", 1024));
                _issuer.Keys.RemoveAt(1);
                break;
            case "symmetric keys":
                _issuer.KeySetInstead = """{"keys":[{"kty":"oct","kid":"one","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}]}""";
                break;
            case "encryption keys":
                var key = _issuer.Keys[0].ToJwk();
                key["use"] = "enc";
                _issuer.KeySetInstead = new JsonObject { ["keys"] = new JsonArray(key) }.ToJsonString();
                break;
            default:
                _issuer.KeySetInstead = "<html>";
                break;
        }

        var response = await AskAsync(_issuer.Token());

        response.Status.Should().BeOneOf(401, 503);
        _upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task T85_A_bad_token_is_401_and_nothing_else_that_was_sent_counts()
    {
        var request = Request("garbage.garbage.garbage").With("Cookie", "fairlead-session=x; headlamp-auth-kind.0=U").With("Sec-Fetch-Site", "same-origin");

        (await BothProtocols.SendAsync(_gateway, request)).Status.Should().Be(401);
        _upstream.Requests.Should().BeEmpty();
    }

    private string Forge(string how)
    {
        var key = _issuer.Keys[0];
        var claims = _issuer.TokenClaims();
        var other = IssuerKey.Rsa("one");
        var now = DateTimeOffset.UtcNow;
        string With(string name, JsonNode? value) => _issuer.Token((name, value));
        switch (how)
        {
            case "alg none": return key.Sign(claims, ("alg", "none"));
            case "alg None": return key.Sign(claims, ("alg", "None"));
            case "HS256 with the public key": return key.Sign(claims, ("alg", "HS256"));
            case "no signature": return key.Sign(claims)[..(key.Sign(claims).LastIndexOf('.') + 1)];
            case "another key": return other.Sign(claims);
            case "another key of its own kid": return IssuerKey.Rsa("mine").Sign(claims);
            case "kid with a path": return key.Sign(claims, ("kid", "../../../etc/passwd"));
            case "another audience": return With("aud", "somebody-else");
            case "no audience": return With("aud", null);
            case "no exp": return With("exp", null);
            case "exp as text": return With("exp", "tomorrow");
            case "expired": return With("exp", now.AddMinutes(-2).ToUnixTimeSeconds());
            case "nbf ahead": return With("nbf", now.AddMinutes(5).ToUnixTimeSeconds());
            case "iat ahead": return With("iat", now.AddMinutes(5).ToUnixTimeSeconds());
            case "crit": return key.Sign(claims, ("crit", new JsonArray("b64")));
            case "logout token": return _issuer.LogoutToken();
            case "changed claims":
                var (good, evil) = (key.Sign(claims).Split('.'), key.Sign(_issuer.TokenClaims("8")).Split('.'));
                return $"{good[0]}.{evil[1]}.{good[2]}";
            case "address with two at signs": return With("email", "a@b@evil.example");
            case "unverified address": return With("email_verified", false);
            case "reserved name": return With("email", "system:admin@x");
            case "reserved group": return With("groups", new JsonArray("devs", "system:masters"));
            case "empty group": return With("groups", new JsonArray(""));
            case "groups as an object": return With("groups", new JsonObject());
            case "10,000 groups": return With("groups", new JsonArray([.. Enumerable.Range(0, 2000).Select(static i => (JsonNode)$"{i}")]));
            case "no name": return With("email", null);
            case "empty name": return With("email", "");
            case "name as a number": return With("email", 7);
            case "name with a line break": return With("email", "a@b\r\nImpersonate-User: root");
            default: throw new ArgumentException(how, nameof(how));
        }
    }

    private GatewayOptions Options()
    {
        var options = TestGateway.Options(
            TestCluster.Held("kind", _upstream.Url), TestCluster.ClientSide("trusting", _upstream.Url, "oidc", "Our-IdP"), TestCluster.ClientSide("other", _upstream.Url, "oidc", "okta"));
        return options with
        {
            Auth = options.Auth! with
            {
                Jwt =
                [
                    new JwtOptions
                    {
                        Name = "our-idp", Issuer = _issuer.Issuer, Audiences = ["someone", TestIssuer.ClientId], Claims = new ClaimOptions { Username = "email" },
                    },
                ],
            },
            AccessRules = [TestGateway.AllowAll with { Groups = ["devs"] }],
            ServiceProxy = options.ServiceProxy with { DefaultCluster = "kind" },
        };
    }

    private static RawRequest Request(string token, string target = "/api/kubernetes/proxy/api/v1/pods") =>
        RawRequest.Get(target).With("Backstage-Kubernetes-Cluster", "kind").WithBearer(token);

    private Task<RawResponse> AskAsync(string token, string target = "/api/kubernetes/proxy/api/v1/pods") => _gateway.SendBareAsync(Request(token, target));
}
