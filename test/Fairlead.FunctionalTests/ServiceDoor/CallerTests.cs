using System.Text;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Who calls, and what the Service sees of it.</summary>
public sealed class CallerTests
{
    public static MatrixTheoryData<Shape, WireProtocol> Shapes { get; } = new(Enum.GetValues<Shape>(), ServiceAnswers.Protocols);

    public static MatrixTheoryData<Via, WireProtocol> Ways { get; } = new(Enum.GetValues<Via>(), ServiceAnswers.Protocols);

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H40_Without_a_credential_the_answer_is_401_with_a_challenge(Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get(shape.Target("/api/charts")));

        response.ShouldRefuse(401, "Unauthorized");
        response.Headers("WWW-Authenticate").Should().Equal("Bearer");
        passage.ShouldHaveSentNothing();
        passage.Cluster.Requests.Should().NotContain(static request => request.Target.Contains("/proxy"));
    }

    [Theory]
    [InlineData("bearer U")]
    [InlineData("BEARER U")]
    [InlineData("Bearer    U")]
    [InlineData("   Bearer U")]
    [InlineData("  Bearer   U  ")]
    [InlineData("U")]
    public async Task H41_The_scheme_is_read_in_any_case_with_any_blanks_and_may_be_missing(string authorization)
    {
        await using var passage = await ServicePassage.StartAsync();

        var response = await passage.SendBareAsync(RawRequest.Get("/serviceproxy/default/web/x").With("Authorization", authorization));

        response.Status.Should().Be(200, response.ToString());
        passage.Seen.Should().ContainSingle().Which.Headers("Authorization").Should().Equal("Bearer U");
    }

    [Theory]
    [InlineData("Bearer ")]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    [InlineData("Bearer no-such-token")]
    public async Task H41_No_token_behind_the_scheme_or_one_that_nobody_knows_is_401(string authorization)
    {
        await using var passage = await ServicePassage.StartAsync();

        var response = await passage.SendBareAsync(RawRequest.Get("/serviceproxy/default/web/x").With("Authorization", authorization));

        response.ShouldRefuse(401, "Unauthorized");
        response.Headers("WWW-Authenticate").Should().Equal("Bearer");
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData("Basic x")]
    [InlineData("Basic VQ==")]
    [InlineData("Basic")]
    [InlineData("Digest username=\"ann\"")]
    [InlineData("Negotiate VQ==")]
    public async Task H41_Another_scheme_or_a_Basic_value_that_is_none_is_400(string authorization)
    {
        await using var passage = await ServicePassage.StartAsync();

        var response = await passage.SendBareAsync(RawRequest.Get("/serviceproxy/default/web/x").With("Authorization", authorization));

        response.ShouldRefuse(400, "BadRequest");
        response.ToString().Should().NotContain("VQ==");
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData("Bearer U", "Bearer U")]
    [InlineData("Bearer U", "Basic x")]
    [InlineData("Bearer other", "Bearer U")]
    public async Task H41_Two_lines_are_400(string first, string second)
    {
        await using var passage = await ServicePassage.StartAsync();
        foreach (var protocol in ServiceAnswers.Protocols)
        {
            var response = await passage.ExchangeAsync(
                protocol, RawRequest.Get("/serviceproxy/default/web/x").With("Authorization", first).With("Authorization", second));

            response.ShouldRefuse(400, "BadRequest");
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H41_Basic_brings_the_token_as_password(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("whoever:U"));

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").With("Authorization", basic));

        response.Status.Should().Be(200, response.ToString());
        passage.Seen.Should().ContainSingle().Which.Headers("Authorization").Should().Equal(via is Via.Direct ? ["Bearer U"] : []);
        passage.AskedBy("ann").Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H44_The_Service_sees_exactly_the_callers_cluster_token(Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();

        var read = await passage.ExchangeAsync(protocol, RawRequest.Get(shape.Target("/api/charts")).WithBearer(ServiceCluster.UserToken));
        var write = await passage.ExchangeAsync(protocol, new RawRequest("POST", shape.Target("/api/charts")).WithBody("{}").WithBearer(ServiceCluster.UserToken));

        read.Status.Should().Be(200, read.ToString());
        write.Status.Should().Be(200, write.ToString());
        passage.Seen.Should().HaveCount(2).And.OnlyContain(static request => request.Headers("Authorization").SequenceEqual(new[] { "Bearer U" }));
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H44_Over_the_API_server_the_callers_token_is_what_it_judges(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(Via.ApiServer.Choice());

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/api/charts").WithBearer(ServiceCluster.UserToken));

        response.Status.Should().Be(200, response.ToString());
        passage.AskedBy("ann").Should().Contain("GET /api/v1/namespaces/default/services/http:web:80/proxy/api/charts");
        passage.AskedBy("gateway").Should().NotContain(static line => line.Contains("/proxy"));
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H46_The_listing_of_Helm_releases_reaches_the_API_server_with_the_callers_token(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(prepare: static cluster => ServiceCluster.Allow(cluster, "ann", "list", "", "secrets"));

        var response = await passage.ExchangeAsync(
            protocol, RawRequest.Get("/clusters/main/api/v1/secrets?labelSelector=owner%3Dhelm").WithBearer(ServiceCluster.UserToken));

        response.Status.Should().Be(200, response.ToString());
        response.Json.RootElement.GetProperty("kind").GetString().Should().Be("SecretList");
        passage.AskedBy("ann").Should().Contain("GET /api/v1/secrets?labelSelector=owner%3Dhelm");
        passage.AskedBy("gateway").Should().NotContain(static line => line.Contains("/secrets"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H48_A_portal_caller_with_a_rule_is_let_through_and_their_token_stays_behind(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(TestGateway.Token));

        response.Status.Should().Be(200, response.ToString());
        response.Header("Fairlead-Transport").Should().Be(via.Word());
        var seen = passage.Seen.Should().ContainSingle().Subject;
        seen.Headers("Authorization").Should().BeEmpty();
        seen.ToString().Should().NotContain(TestGateway.Token).And.NotContain(ServiceCluster.GatewayToken);
        if (via is Via.ApiServer)
        {
            passage.AskedBy("gateway").Should().Contain("GET /api/v1/namespaces/default/services/http:web:80/proxy/x");
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H52_A_token_that_the_API_server_refuses_is_401(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice(), prepare: static cluster => cluster.LetIn("V", "bob", "system:authenticated"));
        passage.Cluster.LockOut("V");

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer("V"));

        response.Status.Should().Be(401, response.ToString());
        response.Json.RootElement.GetProperty("kind").GetString().Should().Be("Status");
        response.Json.RootElement.GetProperty("reason").GetString().Should().Be("Unauthorized");
        response.Json.RootElement.GetProperty("message").GetString().Should().NotBeNullOrWhiteSpace();
        passage.ShouldHaveSentNothing();
    }
}
