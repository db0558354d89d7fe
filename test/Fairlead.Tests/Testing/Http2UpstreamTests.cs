using System.Net.Security;
using AwesomeAssertions;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Upstreams;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Fairlead.Tests.Testing;

public sealed class Http2UpstreamTests
{
    [Theory]
    [InlineData("1.1", "HTTP/1.1")]
    [InlineData("2.0", "HTTP/2")]
    public async Task It_records_target_headers_and_certificate(string version, string protocol)
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate, requestClientCertificate: true);
        upstream.Respond(async context =>
        {
            await Http2Upstream.ReadBodyAsync(context);
            await context.Response.WriteAsync("fine");
        });
        using var client = Client(TestCertificates.Shared.Client("jane", "devs"));

        using var message = Message(upstream, version, "/a%2Fb/../c");
        message.Method = HttpMethod.Post;
        message.Content = new StringContent("body");
        using var response = await client.SendAsync(message);

        (await response.Content.ReadAsStringAsync()).Should().Be("fine");
        var request = upstream.Requests.Should().ContainSingle().Subject;
        request.Protocol.Should().Be(protocol);
        request.Method.Should().Be("POST");
        request.Target.Should().Be("/a%2Fb/../c");
        request.Body.Should().Equal("body"u8.ToArray());
        request.ClientCertificate!.Subject.Should().Contain("CN=jane");
        request.Header("Host").Should().Be($"127.0.0.1:{upstream.Port}");
        (await request.WaitForEndAsync()).Should().BeFalse();
        upstream.OpenRequests.Should().Be(0);
        upstream.ConnectionCount.Should().Be(1);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_request_that_the_client_gives_up_counts_as_aborted(string version)
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        upstream.Respond(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = Client();
        using var source = new CancellationTokenSource();

        using var message = Message(upstream, version, "/watch");
        var pending = client.SendAsync(message, source.Token);
        var request = await upstream.WaitForRequestAsync();
        upstream.OpenRequests.Should().Be(1);
        await source.CancelAsync();

        (await request.WaitForEndAsync()).Should().BeTrue();
        await upstream.WaitForNoRequestAsync();
        await FluentActions.Awaiting(() => pending).Should().ThrowAsync<OperationCanceledException>();
    }

    private static HttpRequestMessage Message(Http2Upstream upstream, string version, string target) => new()
    {
        RequestUri = new Uri(upstream.Url + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }),
        Version = Version.Parse(version),
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static HttpClient Client(TestCertificate? certificate = null)
    {
        var options = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new()
            {
                TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { TestCertificates.Shared.Authority },
                RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
            },
            ClientCertificates = certificate is null ? null : [certificate.Certificate],
        };
        return new(new SocketsHttpHandler { UseProxy = false, SslOptions = options });
    }
}
