using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Which of the client's headers a Service sees.</summary>
public sealed class RequestHeaderTests
{
    public static MatrixTheoryData<Via, WireProtocol> Ways { get; } = new(Enum.GetValues<Via>(), ServiceAnswers.Protocols);

    public static MatrixTheoryData<Via, WireProtocol, string> Impersonations { get; } =
        new(Enum.GetValues<Via>(), ServiceAnswers.Protocols, ["Impersonate-User", "impersonate-group", "Impersonate-Uid", "Impersonate-Extra-Scopes"]);

    [Theory]
    [MemberData(nameof(Impersonations))]
    public async Task H61_Impersonation_by_a_client_is_403_and_nothing_is_sent(Via via, WireProtocol protocol, string name)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        foreach (var token in new[] { ServiceCluster.UserToken, TestGateway.Token })
        {
            var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(token).With(name, "root"));

            response.ShouldRefuse(403, "Forbidden");
            response.BodyText.Should().NotContain("root");
        }

        passage.ShouldHaveSentNothing();
        passage.AskedBy("ann").Should().BeEmpty();
        passage.AskedBy("root").Should().BeEmpty();
    }

    [Theory]
    [InlineData(Via.Direct)]
    [InlineData(Via.ApiServer)]
    public async Task H61_Impersonation_is_refused_before_Connection_can_take_it_away(Via via)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());

        var response = await passage.GetAsync("/serviceproxy/default/web/x");
        var hidden = await passage.SendAsync(RawRequest.Get("/serviceproxy/default/web/x").With("Connection", "Impersonate-User").With("Impersonate-User", "root"));

        response.Status.Should().Be(200, response.ToString());
        hidden.ShouldRefuse(403, "Forbidden");
        passage.Seen.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H62_What_speaks_for_the_caller_or_the_gateway_does_not_reach_the_Service(Via via, WireProtocol protocol)
    {
        string[] held =
        [
            "Cookie", "Proxy-Authorization", "KUBECONFIG", "X-HEADLAMP-USER-ID", "X-HEADLAMP_BACKEND-TOKEN", "X-BACKSTAGE-TOKEN", "Backstage-Kubernetes-Cluster",
            "Backstage-Kubernetes-Authorization", "Backstage-Kubernetes-Authorization-oidc-x", "X-Remote-User", "X-Remote-Group", "X-Remote-Extra-Scopes", "Forwarded",
            "X-Forwarded-User", "X-Forwarded-Access-Token", "X-Forwarded-Port", "X-Forwarded-Ssl", "X-Real-IP", "X-Fairlead-Identity",
        ];
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        var request = RawRequest.Get("/serviceproxy/default/web/x").WithBearer(ServiceCluster.UserToken)
            .With("X-Forwarded-For", "1.2.3.4").With("X-Forwarded-Proto", "gopher").With("X-Forwarded-Host", "evil.example").With("X-Forwarded-Prefix", "/evil");
        request = held.Aggregate(request, static (current, name) => current.With(name, "secret=1"));

        var response = await passage.ExchangeAsync(protocol, request);

        response.Status.Should().Be(200, response.ToString());
        var seen = passage.Seen.Should().ContainSingle().Subject;
        held.Where(seen.HeaderLines.Contains).Should().BeEmpty();
        seen.ToString().Should().NotContain("secret=1").And.NotContain("1.2.3.4").And.NotContain("evil");
        seen.Headers("X-Forwarded-For").Should().Equal("127.0.0.1");
        seen.Headers("X-Forwarded-Prefix").Should().Equal("/serviceproxy/default/web");
        seen.Headers("X-Forwarded-Proto").Should().Equal(protocol is WireProtocol.Http11 ? "http" : "https");
        seen.Headers("X-Forwarded-Host").Should().Equal(RawRequest.DefaultHost);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H62_The_prefix_is_the_doors_path_up_to_the_Service(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        await using var below = await ServicePassage.StartAsync(via.Choice(), static options => options with { BaseUrl = "/headlamp" });
        foreach (var target in new[] { "/clusters/main/serviceproxy/default/web/x", "/clusters/main/serviceproxy/default/web?request=x", "/serviceproxy/default/web?request=x" })
        {
            (await passage.ExchangeAsync(protocol, RawRequest.Get(target).WithBearer(ServiceCluster.UserToken))).Status.Should().Be(200);
        }

        (await below.ExchangeAsync(protocol, RawRequest.Get("/headlamp/serviceproxy/default/web/x").WithBearer(ServiceCluster.UserToken))).Status.Should().Be(200);

        passage.Seen.Concat(below.Seen).Select(static seen => seen.Header("X-Forwarded-Prefix")).Should().Equal(
            "/clusters/main/serviceproxy/default/web", "/clusters/main/serviceproxy/default/web", "/serviceproxy/default/web", "/headlamp/serviceproxy/default/web");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H62_Origin_and_Referer_stay_behind(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(ServiceCluster.UserToken)
            .With("Origin", "http://127.0.0.1").With("Referer", "http://127.0.0.1/page?secret=1"));

        response.Status.Should().Be(200, response.ToString());
        var seen = passage.Seen.Should().ContainSingle().Subject;
        seen.Headers("Origin").Should().BeEmpty();
        seen.Headers("Referer").Should().BeEmpty();
    }

    [Theory]
    [InlineData(Via.ApiServer, "X-Hop")]
    [InlineData(Via.Direct, "X-Hop")]
    [InlineData(Via.Direct, "x-hop,X-Second")]
    public async Task H62_Hop_by_hop_headers_and_those_that_Connection_names_stay_behind(Via via, string connection)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());

        var response = await passage.SendAsync(RawRequest.Get("/serviceproxy/default/web/x")
            .With("Connection", connection).With("X-Hop", "1").With("Keep-Alive", "timeout=5").With("TE", "trailers").With("Proxy-Connection", "keep-alive").With("X-Other", "1"));

        response.Status.Should().Be(200, response.ToString());
        var seen = passage.Seen.Should().ContainSingle().Subject;
        new[] { "X-Hop", "Keep-Alive", "TE", "Proxy-Connection" }.Where(seen.HeaderLines.Contains).Should().BeEmpty();
        seen.Header("X-Other").Should().Be("1");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H62_Connection_cannot_take_away_what_the_gateway_sends(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        var request = RawRequest.Get("/serviceproxy/default/web/x").WithBearer(ServiceCluster.UserToken);

        var response = await passage.ExchangeAsync(protocol, protocol is WireProtocol.Http11 ? request.With("Connection", "Authorization, X-Forwarded-For, Host") : request);

        if (response.Status == 200)
        {
            var seen = passage.Seen.Should().ContainSingle().Subject;
            seen.Headers("Authorization").Should().Equal(via is Via.Direct ? ["Bearer U"] : []);
            seen.Headers("X-Forwarded-For").Should().Equal("127.0.0.1");
            seen.Headers("Host").Should().ContainSingle();
        }
        else
        {
            response.ShouldRefuse(400, "BadRequest");
            passage.ShouldHaveSentNothing();
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H63_What_belongs_to_the_request_arrives_unchanged(Via via, WireProtocol protocol)
    {
        var sent = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Accept"] = "application/json;q=0.9, */*",
            ["Accept-Encoding"] = "gzip, br;q=0.5",
            ["Accept-Language"] = "de-CH, de;q=0.8",
            ["Range"] = "bytes=0-99",
            ["If-None-Match"] = "W/\"a\", \"b\"",
            ["If-Match"] = "\"c\"",
            ["If-Modified-Since"] = "Thu, 01 Jan 1970 00:00:00 GMT",
            ["If-Range"] = "\"d\"",
            ["User-Agent"] = "test/1.0 (a; b)",
            ["Content-Encoding"] = "x-own",
            ["Content-Language"] = "de",
            ["Content-Disposition"] = "attachment; filename=\"a b.txt\"",
            ["X-Of-The-Service"] = "a=b; c, d",
            ["X-Requested-With"] = "XMLHttpRequest",
            ["Grafana-Token"] = "glsa_1",
        };
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        var request = sent.Aggregate(
            new RawRequest("POST", "/serviceproxy/default/web/x").WithBearer(ServiceCluster.UserToken).WithBody("body", "text/x-own; charset=\"latin1\""),
            static (current, line) => current.With(line.Key, line.Value));

        var response = await passage.ExchangeAsync(protocol, request);

        response.Status.Should().Be(200, response.ToString());
        var seen = passage.Seen.Should().ContainSingle().Subject;
        sent.Where(line => !seen.Headers(line.Key).SequenceEqual([line.Value])).Should().BeEmpty(seen.ToString());
        seen.Headers("Content-Type").Should().Equal("text/x-own; charset=\"latin1\"");
        seen.BodyText.Should().Be("body");
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H63_The_request_form_sends_them_too_and_nothing_is_made_up(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/clusters/main/serviceproxy/default/web?request=x").WithBearer(ServiceCluster.UserToken).With("Accept", "image/svg+xml"));

        response.Status.Should().Be(200, response.ToString());
        passage.Seen.Should().ContainSingle().Which.HeaderLines.Select(static line => line.Name.ToLowerInvariant()).Should().BeEquivalentTo(
            "host", "accept", "authorization", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix");
    }
}
