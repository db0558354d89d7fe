using AwesomeAssertions;
using Fairlead.Commands;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.Sessions;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Commands;

/// <summary><c>fairlead check</c> asks those whose word counts: issuers, the portal, the shared store.</summary>
public sealed class CheckLoginTests
{
    [Fact]
    public async Task What_works_is_not_mentioned()
    {
        await using var issuer = await TestIssuer.StartAsync();
        RedisServer.SkipIfMissing();
        await using var redis = await RedisServer.StartAsync();

        var (code, text) = await CheckAsync(issuer.Issuer, redis.Address);

        code.Should().Be(0, text);
        text.Should().NotContain("wrong");
    }

    [Fact]
    public async Task An_issuer_and_a_store_that_are_away_are_named_with_the_key_to_look_at()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Fails = 500;
        using var nobody = new RefusedPort();

        var (code, text) = await CheckAsync(issuer.Issuer, new Fairlead.Sessions.RedisAddress { Host = "127.0.0.1", Port = nobody.Port });

        code.Should().Be(1);
        text.Should().Contain("wrong: auth.jwt: ").And.Contain("wrong: auth.oidc: ").And.Contain("answered 500").And.Contain("wrong: sessions.redis: 127.0.0.1:");
        text.Should().NotContain("geheim");
    }

    [Fact]
    public async Task An_issuer_without_a_usable_key_lets_nobody_in_and_is_named()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.KeySetInstead = """{"keys":[]}""";

        var (code, text) = await CheckAsync(issuer.Issuer, null);

        code.Should().Be(1);
        text.Should().Contain("publishes no key that can be used");
    }

    private static async Task<(int Code, string Text)> CheckAsync(string issuer, Fairlead.Sessions.RedisAddress? redis)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Json(200, """{"gitVersion":"v1.33.0"}"""));
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url));
        options = options with
        {
            Auth = new AuthOptions
            {
                Jwt = [new JwtOptions { Name = "idp", Issuer = issuer, Audiences = ["fairlead"] }],
                Oidc = [new OidcOptions { Name = "oidc", Issuer = issuer, ClientId = "fairlead", ClientSecret = new Secret("geheim"), CallbackUrl = new Uri("https://fairlead.example.com/auth/callback") }],
            },
            Sessions = new BrowserSessionOptions { Redis = redis, EncryptionSecret = new Secret(new string('s', 40)) },
        };
        await using var output = new StringWriter();
        var code = await CheckCommand.RunAsync(
            () => new ConfigurationResult(options, []),
            static locator => Fairlead.Clusters.Sources.ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal)), output, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }
}
