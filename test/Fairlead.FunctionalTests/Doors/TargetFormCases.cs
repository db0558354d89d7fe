using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>Forms of the request target other than origin form, and what a client says about the authority: routing does not move.</summary>
public abstract class TargetFormCases(EitherDoor door)
{
    [Fact]
    public async Task T42_T101_Absolute_form_is_refused_with_any_authority()
    {
        await using var passage = await Passage.StartAsync(door, Way.Http11ToHttp11);
        string[] authorities = ["evil.example", $"127.0.0.1:{passage.Gateway.Port}", "user@127.0.0.1"];

        foreach (var authority in authorities)
        {
            var request = door.Get("/a%2Fb");
            var absolute = request with { Target = $"http://{authority}{request.Target}" };

            (await passage.ExchangeAsync(absolute.With("Host", authority))).Status.Should().Be(400, authority);
            (await passage.ExchangeAsync(absolute)).Status.Should().Be(400, authority);
        }

        passage.ShouldHaveSentNothing();
    }

    [Fact]
    public async Task T42_A_malformed_or_second_Host_is_refused()
    {
        await using var passage = await Passage.StartAsync(door, Way.Http11ToHttp11);
        foreach (var host in new[] { "user@host", "user:pw@host", "host:port", "host:", "host:65536", "[::1]:99999999999", "a b", "a/b", "a,b", "[::1" })
        {
            var response = await passage.SendAsync(RawRequest.Get("/api").With("Host", host));
            response.Status.Should().Be(400, host);
        }

        var twice = await passage.SendAsync(RawRequest.Get("/api").With("Host", "a").With("Host", "b"));
        twice.Status.Should().Be(400);
        passage.ShouldHaveSentNothing();
    }

    [Fact]
    public async Task T42_A_Host_that_names_somebody_else_does_not_move_the_request()
    {
        await using var passage = await Passage.StartAsync(door, Way.Http11ToHttp11);
        await using var other = await RecordingUpstream.StartAsync(http2: false);

        var response = await passage.SendAsync(RawRequest.Get("/api").With("Host", new Uri(other.Url).Authority));

        response.Status.Should().Be(200);
        passage.Upstream.Single.Target.Should().Be("/api");
        other.Connections.Should().Be(0);
    }

    [Theory]
    [InlineData("[::1]")]
    [InlineData("[::1]:8443")]
    [InlineData("portal.example:65535")]
    public async Task T42_A_well_formed_Host_is_accepted(string host)
    {
        await using var passage = await Passage.StartAsync(door, Way.Http11ToHttp11);

        (await passage.SendAsync(RawRequest.Get("/api").With("Host", host))).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("OPTIONS", "*")]
    [InlineData("GET", "*")]
    [InlineData("GET", "api/kubernetes/proxy/api")]
    [InlineData("GET", "clusters/kind/api")]
    [InlineData("GET", "127.0.0.1:80")]
    [InlineData("CONNECT", "127.0.0.1:80")]
    [InlineData("CONNECT", "/api/kubernetes/proxy/api")]
    [InlineData("CONNECT", "/clusters/kind/api")]
    public async Task B05_T42_Asterisk_authority_and_relative_forms_are_refused(string method, string target)
    {
        await using var passage = await Passage.StartAsync(door, Way.Http11ToHttp11);

        var response = await passage.ExchangeAsync(
            new RawRequest(method, target).WithBearer(TestGateway.Token).With("Backstage-Kubernetes-Cluster", "kind").With("Host", "127.0.0.1:80"));

        response.Status.Should().BeOneOf(400, 405);
        passage.ShouldHaveSentNothing();
    }

    [Fact]
    public async Task B05_T42_CONNECT_over_HTTP2_is_405_with_Allow()
    {
        await using var passage = await Passage.StartAsync(door, Way.Http2ToHttp11);
        await using var client = await RawHttp2Client.ConnectAsync(passage.Port, new RawTls());

        var plain = await client.SendAsync(door.Request(new RawRequest("CONNECT", "/api") { KeepSending = true }));
        var extended = await client.SendAsync(door.Request(new RawRequest("CONNECT", "/api") { KeepSending = true, Protocol = "connect-udp" }));

        foreach (var response in new[] { plain, extended })
        {
            response.Status.Should().Be(405);
            response.Header("Allow").Should().Be("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData("http://evil.example/clusters/kind/api")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("api/kubernetes/proxy/api")]
    [InlineData("clusters/kind/api")]
    public async Task T42_T101_Over_HTTP2_a_path_without_a_slash_is_refused(string path)
    {
        await using var passage = await Passage.StartAsync(door, Way.Http2ToHttp11);

        var response = await passage.ExchangeAsync(
            RawRequest.Get(path).WithBearer(TestGateway.Token).With("Backstage-Kubernetes-Cluster", "kind"));

        response.Status.Should().BeOneOf([0, 400], "a malformed request is a stream error on HTTP/2, or 400");
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData("user@host")]
    [InlineData("host:port")]
    [InlineData("host:65536")]
    [InlineData("a b")]
    [InlineData("a/b")]
    public async Task T42_Over_HTTP2_a_malformed_authority_is_refused(string authority)
    {
        await using var passage = await Passage.StartAsync(door, Way.Http2ToHttp11);

        var response = await passage.SendAsync(RawRequest.Get("/api").With("Host", authority));

        response.Status.Should().BeOneOf(0, 400);
        passage.ShouldHaveSentNothing();
    }

    [Fact]
    public async Task T42_Over_HTTP2_a_host_header_that_differs_from_the_authority_does_not_move_the_request()
    {
        await using var passage = await Passage.StartAsync(door, Way.Http2ToHttp11);
        await using var client = await RawHttp2Client.ConnectAsync(passage.Port, new RawTls());
        await using var other = await RecordingUpstream.StartAsync(http2: false);
        var request = door.Get("/api");
        HeaderLine[] fields =
        [
            new(":method", "GET"), new(":scheme", "https"), new(":path", request.Target), new(":authority", "127.0.0.1"),
            new("host", new Uri(other.Url).Authority), .. request.Headers.Select(static line => line with { Name = line.Name.ToLowerInvariant() }),
        ];

        var exchange = await client.OpenAsync(fields, endStream: true);
        var response = await exchange.ReadResponseAsync();

        response.Status.Should().BeOneOf(200, 400);
        other.Connections.Should().Be(0);
        if (response.Status == 200)
        {
            passage.Upstream.Single.Header("Host").Should().Be(new Uri(passage.Upstream.Url).Authority);
        }
    }
}
