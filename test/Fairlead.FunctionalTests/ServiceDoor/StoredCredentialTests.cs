using System.Text;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Demo;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Services with a credential of their own (decision 20).</summary>
public sealed class StoredCredentialTests
{
    [Theory]
    [InlineData("token", "s3cret", null, null, "Bearer s3cret")]
    [InlineData("username", "ann", "password", "p:w", "Basic YW5uOnA6dw==")]
    public async Task Decision20_The_Service_gets_what_its_Secret_holds_and_nothing_of_the_callers(string key1, string value1, string? key2, string? value2, string authorization)
    {
        await using var passage = await StartAsync(cluster => AddSecret(cluster, (key1, value1), (key2, value2)));

        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
        (await passage.Gateway.SendAsync(RawRequest.Get("/serviceproxy/default/web/x"))).Status.Should().Be(200);

        passage.Seen.Should().HaveCount(2).And.OnlyContain(seen => seen.Header("Authorization") == authorization);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("line break")]
    public async Task Decision20_Without_a_usable_Secret_nothing_is_sent(string what)
    {
        await using var passage = await StartAsync(cluster =>
        {
            if (what is not "missing")
            {
                AddSecret(cluster, ("token", what is "empty" ? "" : "a\r\nX-Evil: 1"));
            }
        });

        var response = await passage.GetAsync("/serviceproxy/default/web/x");

        response.Status.Should().Be(502);
        response.BodyText.Should().Contain("credentialSecretRef").And.NotContain("web-credential").And.NotContain("X-Evil");
        passage.ShouldHaveSentNothing();
    }

    [Fact]
    public async Task Decision20_The_credential_goes_to_the_configured_port_and_scheme_only()
    {
        await using var passage = await StartAsync(
            static cluster => AddSecret(cluster, ("token", "s3cret")),
            static service => service with { Port = "http", Scheme = "http" },
            """[{"name":"http","port":80},{"name":"debug","port":81}]""");

        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
        (await passage.GetAsync("/serviceproxy/default/web/x?port=80")).Status.Should().Be(200);
        (await passage.GetAsync("/serviceproxy/default/web:debug/x")).Status.Should().Be(403);
        (await passage.GetAsync("/serviceproxy/default/https:web:http/x")).Status.Should().Be(403);

        passage.Seen.Should().HaveCount(2);
    }

    [Fact]
    public async Task Decision20_Over_the_API_server_it_is_refused()
    {
        await using var passage = await StartAsync(static cluster => AddSecret(cluster, ("token", "s3cret")), transport: TransportChoice.ApiServer);

        var response = await passage.GetAsync("/serviceproxy/default/web/x");

        response.Status.Should().Be(502);
        response.BodyText.Should().Contain("network: direct");
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Decision20_The_callers_token_crosses_the_API_server_only_in_the_header_that_was_asked_for(bool tokenHeader)
    {
        await using var passage = await ServicePassage.StartAsync(TransportChoice.ApiServer, options => options with
        {
            ServiceProxy = options.ServiceProxy with { Services = [new ServiceOptions { Cluster = "main", Namespace = "default", Name = "web", TokenHeader = tokenHeader }] },
        });

        (await passage.SendAsync(RawRequest.Get("/serviceproxy/default/web/x").With("X-Forwarded-Access-Token", "forged"))).Status.Should().Be(200);
        (await passage.Gateway.SendAsync(RawRequest.Get("/serviceproxy/default/web/x").With("X-Forwarded-Access-Token", "forged"))).Status.Should().Be(200);

        passage.Seen.Should().HaveCount(2).And.OnlyContain(static seen => seen.Headers("Authorization").Count == 0);
        passage.Seen[0].Header("X-Forwarded-Access-Token").Should().Be(tokenHeader ? ServiceCluster.UserToken : null);
        passage.Seen[1].Header("X-Forwarded-Access-Token").Should().BeNull("a portal token is for the gateway alone");
    }

    private static Task<ServicePassage> StartAsync(
        Action<DemoCluster> prepare, Func<ServiceOptions, ServiceOptions>? change = null, string? ports = null, TransportChoice transport = TransportChoice.Direct)
    {
        var service = new ServiceOptions { Cluster = "main", Namespace = "default", Name = "web", Authorization = ServiceAuthorization.Secret, CredentialSecret = "web-credential" };
        return ServicePassage.StartAsync(
            transport,
            options => options with { ServiceProxy = options.ServiceProxy with { Services = [change is null ? service : change(service)] } },
            cluster =>
            {
                ServiceCluster.Allow(cluster, "gateway", "get", "", "secrets");
                prepare(cluster);
                if (ports is not null)
                {
                    cluster.Put($$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},"spec":{"clusterIP":"None","ports":{{ports}} } }""");
                }
            });
    }

    private static void AddSecret(DemoCluster cluster, params (string? Key, string? Value)[] values)
    {
        var data = string.Join(',', values.Where(static pair => pair.Key is not null)
            .Select(static pair => $"\"{pair.Key}\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Value!))}\""));
        cluster.Put($$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"web-credential","namespace":"default"},"data":{ {{data}} } }""");
    }
}
