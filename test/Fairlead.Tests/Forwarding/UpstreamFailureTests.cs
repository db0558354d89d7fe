using System.Net.Sockets;
using System.Security.Authentication;
using AwesomeAssertions;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Connections;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Xunit;
using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Tests.Forwarding;

public sealed class UpstreamFailureTests
{
    public static TheoryData<string, Exception?> Failures => new()
    {
        { "ConnectionRefused", Http(HttpRequestError.ConnectionError, new SocketException((int)SocketError.ConnectionRefused)) },
        { "NameNotResolved", Http(HttpRequestError.NameResolutionError, new SocketException((int)SocketError.HostNotFound)) },
        { "NameNotResolved", new SocketException((int)SocketError.TryAgain) },
        { "ConnectionClosed", Http(HttpRequestError.Unknown, new IOException("x", new SocketException((int)SocketError.ConnectionReset))) },
        { "ConnectionClosed", Http(HttpRequestError.ResponseEnded, null) },
        { "ConnectionClosed", Http(HttpRequestError.SecureConnectionError, new IOException("end of stream")) },
        { "ConnectionClosed", new ConnectionAbortedException("x") },
        { "ConnectionClosed", new IOException("x") },
        { "CertificateNotTrusted", Http(HttpRequestError.SecureConnectionError, new ServerCertificateException("x")) },
        { "CertificateNotTrusted", new AggregateException(new InvalidOperationException("x"), Http(HttpRequestError.SecureConnectionError, new ServerCertificateException("x"))) },
        { "TlsFailed", Http(HttpRequestError.SecureConnectionError, new AuthenticationException("x")) },
        { "TlsFailed", Http(HttpRequestError.SecureConnectionError, new AuthenticationException("x", new IOException("x"))) },
        { "InvalidResponse", Http(HttpRequestError.InvalidResponse, null) },
        { "InvalidResponse", Http(HttpRequestError.ConfigurationLimitExceeded, null) },
        { "Unreachable", Http(HttpRequestError.ConnectionError, new SocketException((int)SocketError.NetworkUnreachable)) },
        { "Unreachable", null },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void B69_B70_A_failure_has_the_reason_of_its_innermost_cause(string reason, Exception? exception)
    {
        var found = UpstreamFailure.Classify(ForwarderError.Request, exception, headersTimedOut: false);

        found.ToString().Should().Be(reason);
        found.Form().Status.Should().Be(502);
    }

    [Fact]
    public void B73_A_timeout_to_connect_is_told_from_one_to_answer()
    {
        var connect = new TaskCanceledException("x", new TimeoutException("x"));

        UpstreamFailure.Classify(ForwarderError.RequestTimedOut, connect, false).Should().Be(RefusalReason.ConnectTimeout);
        UpstreamFailure.Classify(ForwarderError.RequestTimedOut, new TaskCanceledException("x"), false).Should().Be(RefusalReason.ResponseTimeout);
        UpstreamFailure.Classify(ForwarderError.RequestCanceled, new TaskCanceledException("x"), headersTimedOut: true).Should().Be(RefusalReason.ResponseTimeout);
        UpstreamFailure.Classify(connect).Should().Be(RefusalReason.ConnectTimeout);
        UpstreamFailure.Classify(new TaskCanceledException("x")).Should().Be(RefusalReason.ResponseTimeout);
    }

    [Fact]
    public void F4_A_body_that_the_client_broke_is_the_clients_fault()
    {
        UpstreamFailure.Classify(ForwarderError.RequestBodyClient, new BadHttpRequestException("x", 413), false).Should().Be(RefusalReason.BodyTooLarge);
        UpstreamFailure.Classify(ForwarderError.RequestBodyClient, new BadHttpRequestException("x", 400), false).Should().Be(RefusalReason.BodyBroken);
        UpstreamFailure.Classify(ForwarderError.RequestBodyClient, new IOException("x"), false).Should().Be(RefusalReason.BodyBroken);
    }

    [Theory]
    [InlineData("ConnectionRefused", "connection refused")]
    [InlineData("NameNotResolved", "name not resolved")]
    [InlineData("CertificateNotTrusted", "certificate not trusted")]
    [InlineData("ConnectionClosed", "connection closed")]
    [InlineData("Unreachable", "not reachable")]
    public void F37_The_message_has_the_clusters_name_and_the_contracts_words(string reason, string words) =>
        UpstreamFailure.Message(Enum.Parse<RefusalReason>(reason), "Cluster 'kind'").Should().Be($"Cluster 'kind' request error: {words}");

    [Fact]
    public void The_log_gets_every_message_of_the_chain() =>
        UpstreamFailure.Detail(new IOException("one", new IOException("two"))).Should().Be("one <- two");

    private static HttpRequestException Http(HttpRequestError error, Exception? inner) => new(error, "x", inner);
}
