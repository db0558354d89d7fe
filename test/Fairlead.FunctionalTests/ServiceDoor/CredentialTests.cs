using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>What a Service gets in <c>Authorization</c>.</summary>
public sealed class CredentialTests
{
    public static MatrixTheoryData<Via, WireProtocol> Ways { get; } = new(Enum.GetValues<Via>(), ServiceAnswers.Protocols);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H49_With_none_a_Service_gets_no_Authorization(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(
            via.Choice(), static options => options.WithDoor(static door => door with { Authorization = ServiceAuthorization.None }));
        foreach (var token in new[] { ServiceCluster.UserToken, TestGateway.Token })
        {
            (await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(token))).Status.Should().Be(200);
        }

        passage.Seen.Should().HaveCount(2);
        passage.Seen.Should().OnlyContain(static request => !request.HeaderLines.Any(static line => line.Value.Contains("Bearer") || line.Value.Contains("token")));
        passage.Seen.Should().OnlyContain(static request => request.Headers("Authorization").Count == 0);
    }

    [Fact]
    public async Task H49_None_for_one_Service_is_none_for_it_alone()
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithService(static service => service with { Authorization = ServiceAuthorization.None }));
        await using var upstream = new RawUpstream();
        ServiceCluster.AddService(passage.Cluster, "other", upstream.Port);

        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
        (await passage.GetAsync("/serviceproxy/default/other/x")).Status.Should().Be(200);

        passage.Seen.Should().ContainSingle().Which.Headers("Authorization").Should().BeEmpty();
        upstream.Requests.Should().ContainSingle().Which.Headers("Authorization").Should().Equal("Bearer U");
    }

    [Theory]
    [InlineData(ServiceCluster.UserToken)]
    [InlineData(TestGateway.Token)]
    public async Task H50_The_annotation_identity_is_applied(string token)
    {
        await using var passage = await AnnotatedAsync("identity", static options => options);

        (await passage.SendBareAsync(RawRequest.Get("/serviceproxy/default/web/x").WithBearer(token))).Status.Should().Be(200);

        var sent = passage.Seen.Should().ContainSingle().Subject.Header("Authorization");
        sent.Should().StartWith("Bearer ").And.NotBe("Bearer " + token);
        using var claims = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(sent!["Bearer ".Length..].Split('.')[1]));
        claims.RootElement.GetProperty("aud").ToString().Should().Contain("main/default/web");
    }

    [Theory]
    [InlineData(ServiceCluster.UserToken)]
    [InlineData(TestGateway.Token)]
    public async Task H50_The_annotation_none_is_applied(string token)
    {
        await using var passage = await AnnotatedAsync("none", static options => options);

        (await passage.SendBareAsync(RawRequest.Get("/serviceproxy/default/web/x").WithBearer(token))).Status.Should().Be(200);

        passage.Seen.Should().ContainSingle().Which.Headers("Authorization").Should().BeEmpty();
    }

    [Theory]
    [InlineData("forward")]
    [InlineData("Forward")]
    [InlineData("secret")]
    [InlineData("")]
    public async Task H50_The_annotation_cannot_widen_what_is_configured(string annotation)
    {
        foreach (var change in new Func<GatewayOptions, GatewayOptions>[]
        {
            static options => options.WithDoor(static door => door with { Authorization = ServiceAuthorization.None }),
            static options => options.WithService(static service => service with { Authorization = ServiceAuthorization.None }),
        })
        {
            await using var passage = await AnnotatedAsync(annotation, change);

            (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);

            passage.Seen.Should().ContainSingle().Which.Headers("Authorization").Should().BeEmpty();
        }
    }

    [Fact]
    public async Task H50_The_annotation_forward_does_not_undo_identity()
    {
        await using var passage = await AnnotatedAsync("forward", static options => options.WithDoor(static door => door with { Authorization = ServiceAuthorization.Identity }));

        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);

        passage.Seen.Should().ContainSingle().Which.Header("Authorization").Should().StartWith("Bearer ").And.NotBe("Bearer U");
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H87_A_Service_that_wants_a_token_takes_the_one_it_accepts_and_answers_others_itself(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Cluster.LetIn("V", "bob", "system:authenticated");
        ServiceCluster.Allow(passage.Cluster, "bob", "get", "", "services/proxy");
        passage.Upstream.Respond(static request => request.Header("Authorization") is "Bearer U"
            ? RawAnswer.Text(200, "welcome")
            : RawAnswer.Text(401, "who are you", "text/x-own", "WWW-Authenticate: Bearer realm=\"web\""));

        var accepted = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(ServiceCluster.UserToken));
        var other = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer("V"));
        var portal = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(TestGateway.Token));

        accepted.Status.Should().Be(200, accepted.ToString());
        accepted.BodyText.Should().Be("welcome");
        foreach (var response in new[] { other, portal })
        {
            response.Status.Should().Be(401, response.ToString());
            response.BodyText.Should().Be("who are you");
            response.Headers("WWW-Authenticate").Should().Equal("Bearer realm=\"web\"");
            response.Headers("Proxy-Status").Should().BeEmpty();
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H87_A_Service_without_a_login_of_its_own_is_reached(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());

        (await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(ServiceCluster.UserToken))).Status.Should().Be(200);
        (await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(TestGateway.Token))).Status.Should().Be(200);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task T10_A_Service_that_redirects_elsewhere_gets_what_is_configured_and_the_client_no_more(Via via, WireProtocol protocol)
    {
        await using var other = new RawUpstream();
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        string[] held = ["Cookie", "Proxy-Authorization", "Forwarded", "X-Forwarded-User", "X-Remote-User", "X-BACKSTAGE-TOKEN"];
        foreach (var status in new[] { 302, 307 })
        {
            passage.Upstream.Respond(RawAnswer.Text(status, "", "text/plain", $"Location: http://127.0.0.1:{other.Port}/steal", "Connection: close") with { Then = AfterAnswer.Close });
            foreach (var (token, shape) in new[] { (ServiceCluster.UserToken, Shape.Path), (ServiceCluster.UserToken, Shape.Request), (TestGateway.Token, Shape.Path), (TestGateway.Token, Shape.Request) })
            {
                var request = held.Aggregate(
                    RawRequest.Get(shape.Target("/x")).WithBearer(token), static (current, name) => current.With(name, "secret=1"));

                var response = await passage.ExchangeAsync(protocol, request);

                response.Status.Should().Be(status, response.ToString());
                response.Headers("Location").Should().Equal($"http://127.0.0.1:{other.Port}/steal");
                response.ToString().Should().NotContain("Bearer").And.NotContain("secret").And.NotContain(TestGateway.Token);
            }
        }

        other.ConnectionCount.Should().Be(0);
        passage.Seen.Should().HaveCount(8);
        foreach (var (seen, index) in passage.Seen.Select(static (seen, index) => (seen, index)))
        {
            seen.Headers("Authorization").Should().Equal(via is Via.Direct && index % 4 < 2 ? ["Bearer U"] : []);
            seen.ToString().Should().NotContain("secret=1").And.NotContain(TestGateway.Token).And.NotContain(ServiceCluster.GatewayToken);
        }
    }

    private static async Task<ServicePassage> AnnotatedAsync(string annotation, Func<GatewayOptions, GatewayOptions> change)
    {
        // No request has come yet, so nothing is watched that would have to be noticed first.
        var passage = await ServicePassage.StartAsync(change: change);
        ServiceCluster.AddService(passage.Cluster, "web", passage.Upstream.Port, annotations: $$"""{"fairlead.dev/authorization":"{{annotation}}"}""");
        return passage;
    }
}
