using System.Net.Sockets;
using System.Security.Authentication;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.Tests.Testing;

public sealed class RawUpstreamTests
{
    [Fact]
    public async Task It_records_what_the_TLS_client_offered()
    {
        var certificates = new TestCertificates();
        await using var upstream = new RawUpstream(new()
        {
            Certificate = certificates.Server("kube.test").Certificate,
            RequestClientCertificate = true,
            Protocols = ["h2", "http/1.1"],
        });

        await RawClient.ExchangeAsync(upstream.Port, RawRequest.Get("/"), new()
        {
            Authority = certificates.Authority,
            ServerName = "kube.test",
            ClientCertificate = certificates.Client("jane", "devs", "ops").Certificate,
            Protocols = ["http/1.1", "other"],
        });

        var connection = upstream.Connections.Should().ContainSingle().Subject;
        connection.ServerName.Should().Be("kube.test");
        connection.OfferedProtocols.Should().Equal("http/1.1", "other");
        connection.PeerCertificate!.Subject.Should().Contain("CN=jane").And.Contain("O=devs").And.Contain("O=ops");
        connection.HandshakeError.Should().BeNull();
    }

    [Fact]
    public async Task It_records_handshakes_that_the_client_gave_up()
    {
        var certificates = new TestCertificates();
        TestCertificate[] wrong = [certificates.ExpiredServer(), certificates.OtherHostServer(), new TestCertificates().Server()];
        foreach (var certificate in wrong)
        {
            await using var upstream = new RawUpstream(new() { Certificate = certificate.Certificate });

            await FluentActions.Awaiting(() => RawClient.ConnectAsync(upstream.Port, new() { Authority = certificates.Authority }))
                .Should().ThrowAsync<AuthenticationException>();

            await upstream.WaitForNoConnectionAsync();
            upstream.ConnectionCount.Should().Be(1);
            upstream.Requests.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task A_chunked_request_is_kept_with_and_without_its_framing()
    {
        await using var upstream = new RawUpstream();

        await RawClient.ExchangeAsync(upstream.Port, new RawRequest("POST", "/") { Chunked = true }.WithBody("abc", "text/plain"));

        upstream.Requests[0].BodyText.Should().Be("abc");
        upstream.Requests[0].RawBody.Should().Equal("3\r\nabc\r\n0\r\n\r\n"u8.ToArray());
    }

    [Fact]
    public async Task Bodies_that_are_not_kept_are_counted()
    {
        await using var upstream = new RawUpstream(new() { KeepBodies = false });

        await RawClient.ExchangeAsync(upstream.Port, new RawRequest("POST", "/") { Body = new byte[8 * 1024 * 1024] });

        upstream.Requests[0].BodyLength.Should().Be(8 * 1024 * 1024);
        upstream.Requests[0].Body.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, ResponseEnd.Truncated)]
    [InlineData(true, ResponseEnd.Reset)]
    public async Task A_request_that_the_client_cuts_is_seen_as_cut(bool reset, ResponseEnd end)
    {
        await using var upstream = new RawUpstream();
        await using var client = await RawClient.ConnectAsync(upstream.Port);

        await client.WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
        var request = await upstream.WaitForRequestAsync();
        if (reset)
        {
            client.Reset();
        }
        else
        {
            client.Close();
        }

        await request.WaitForEndAsync();
        request.End.Should().Be(end);
        await upstream.WaitForNoConnectionAsync();
    }

    [Fact]
    public async Task A_client_that_goes_away_is_noticed_while_the_answer_is_held_back()
    {
        await using var upstream = RawUpstream.NeverAnswering();
        var client = await RawClient.ConnectAsync(upstream.Port);
        await client.WriteAsync(RawRequest.Get("/").ToHttp11());
        var request = await upstream.WaitForRequestAsync();
        upstream.OpenConnections.Should().Be(1);

        client.Close();

        (await request.Connection.WaitForPeerToCloseAsync()).Should().Be(ResponseEnd.Complete);
        upstream.OpenConnections.Should().Be(0);
    }

    [Fact]
    public async Task A_refused_port_refuses()
    {
        using var port = new RefusedPort();

        var refusal = await FluentActions.Awaiting(() => RawClient.ConnectAsync(port.Port)).Should().ThrowAsync<SocketException>();

        refusal.Which.SocketErrorCode.Should().Be(SocketError.ConnectionRefused);
    }

    [Fact]
    public async Task Plain_text_on_a_TLS_port_fails_the_handshake()
    {
        await using var upstream = RawUpstream.PlaintextOnTlsPort();

        await FluentActions.Awaiting(() => RawClient.ConnectAsync(upstream.Port, new())).Should().ThrowAsync<Exception>();
    }

    [Fact]
    public async Task A_script_that_waits_for_ever_does_not_hold_up_the_end_of_the_test()
    {
        var upstream = new RawUpstream();
        upstream.OnConnection(_ => new Gate().WaitAsync());
        await using var client = await RawClient.ConnectAsync(upstream.Port);
        await upstream.WaitForConnectionAsync();

        await upstream.DisposeAsync();

        (await client.WaitForCloseAsync()).Should().NotBe(ResponseEnd.Truncated);
    }

    [Fact]
    public async Task A_script_that_fails_fails_the_test()
    {
        var upstream = new RawUpstream();
        upstream.Respond(_ => throw new InvalidOperationException("script"));

        await RawClient.ExchangeAsync(upstream.Port, RawRequest.Get("/"));

        (await FluentActions.Awaiting(() => upstream.DisposeAsync().AsTask()).Should().ThrowAsync<AggregateException>())
            .Which.InnerException!.Message.Should().Be("script");
    }
}
