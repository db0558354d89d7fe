using System.Net.Sockets;
using System.Security.Authentication;
using Fairlead.Kubernetes.Connections;
using Fairlead.Services;
using Microsoft.AspNetCore.Connections;
using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Forwarding;

/// <summary>Turns what the engine reports into a reason of ours and words that give nothing away (contract F37, F38).</summary>
internal static class UpstreamFailure
{
    /// <summary>The reason of a failure before the response was started.</summary>
    /// <param name="error">What the engine says.</param>
    /// <param name="exception">What happened.</param>
    /// <param name="headersTimedOut">Whether the timer of the response headers has ended it.</param>
    /// <param name="isBodySilent">Whether the client had the next move.</param>
    public static RefusalReason Classify(ForwarderError error, Exception? exception, bool headersTimedOut, bool isBodySilent = false) => error switch
    {
        _ when isBodySilent && (headersTimedOut || error is ForwarderError.RequestTimedOut or ForwarderError.RequestBodyCanceled) => RefusalReason.BodyTimeout,
        ForwarderError.RequestBodyClient when isBodySilent && Find<OperationCanceledException>(exception) is not null => RefusalReason.BodyTimeout,
        _ when headersTimedOut => RefusalReason.ResponseTimeout,
        ForwarderError.RequestTimedOut => IsConnectTimeout(exception) ? RefusalReason.ConnectTimeout : RefusalReason.ResponseTimeout,
        ForwarderError.RequestBodyClient => BodyReason(exception),
        _ => FromException(exception),
    };

    /// <summary>The reason of a failed call of the gateway's own.</summary>
    public static RefusalReason Classify(Exception exception) => exception is OperationCanceledException
        ? IsConnectTimeout(exception) ? RefusalReason.ConnectTimeout : RefusalReason.ResponseTimeout
        : FromException(exception);

    /// <summary>What the engine says, for the log only: it names addresses.</summary>
    public static string Detail(Exception? exception)
    {
        var messages = new List<string>();
        for (; exception is not null; exception = exception.InnerException)
        {
            messages.Add(exception.Message);
        }

        return string.Join(" <- ", messages);
    }

    /// <summary>The message for the client.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="subject">What was asked, such as <c>Cluster 'kind'</c>.</param>
    public static string Message(RefusalReason reason, string subject) => reason switch
    {
        RefusalReason.BodyTooLarge => "The request body is larger than the configured limit",
        RefusalReason.BodyBroken => "The request body ended early or is malformed",
        RefusalReason.BodyTimeout => "The request body fell silent for longer than timeouts.idle",
        _ => $"{subject} request error: {Words(reason)}",
    };

    /// <summary>What a reason is called.</summary>
    public static string Words(RefusalReason reason) => reason switch
    {
        RefusalReason.ConnectionRefused => "connection refused",
        RefusalReason.NameNotResolved => "name not resolved",
        RefusalReason.CertificateNotTrusted => "certificate not trusted",
        RefusalReason.CertificateWrongHost => "certificate not valid for the host name",
        RefusalReason.CertificateExpired => "certificate expired or not valid yet",
        RefusalReason.TlsFailed => "TLS handshake failed",
        RefusalReason.ConnectionClosed => "connection closed",
        RefusalReason.InvalidResponse => "the answer is not valid HTTP or exceeds a limit",
        RefusalReason.AddressNotAllowed => "it points to an address that the address policy refuses; an operator can list it in serviceProxy.allowedAddresses or serviceProxy.externalNames",
        RefusalReason.ClusterAddressNotAllowed => "it points to an address that is not public; an operator can list its host in dangerouslyAllowClusterUrls of the catalog source",
        RefusalReason.ReviewUnavailable => "where the API server is could not be found out, so no address can be checked",
        RefusalReason.UpgradeRedirected => "the upgrade was answered with a redirect, which is not followed",
        RefusalReason.UpgradeIgnored => "the upgrade was answered as if it were an ordinary request",
        RefusalReason.ConnectTimeout => "no connection in time (if the port answers, it may not speak TLS)",
        RefusalReason.ResponseTimeout => "no answer in time",
        _ => "not reachable",
    };

    private static RefusalReason BodyReason(Exception? exception) =>
        Find<BadHttpRequestException>(exception)?.StatusCode == StatusCodes.Status413PayloadTooLarge ? RefusalReason.BodyTooLarge : RefusalReason.BodyBroken;

    private static bool IsConnectTimeout(Exception? exception)
    {
        // The handler reports its ConnectTimeout as a cancellation around a TimeoutException; nothing else does.
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is TimeoutException)
            {
                return true;
            }
        }

        return false;
    }

    private static RefusalReason FromException(Exception? exception)
    {
        if (Find<AddressNotAllowedException>(exception) is not null)
        {
            return RefusalReason.AddressNotAllowed;
        }

        if (Find<NotPublicAddressException>(exception) is not null)
        {
            return RefusalReason.ClusterAddressNotAllowed;
        }

        if (Find<ApiServerUnknownException>(exception) is not null)
        {
            return RefusalReason.ReviewUnavailable;
        }

        if (Find<ServerCertificateException>(exception) is { } certificate)
        {
            return certificate.Problem switch
            {
                ServerCertificateProblem.WrongHost => RefusalReason.CertificateWrongHost,
                ServerCertificateProblem.Expired => RefusalReason.CertificateExpired,
                _ => RefusalReason.CertificateNotTrusted,
            };
        }

        var socket = Find<SocketException>(exception)?.SocketErrorCode;
        return Find<HttpRequestException>(exception)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => RefusalReason.NameNotResolved,
            HttpRequestError.SecureConnectionError when Find<AuthenticationException>(exception) is null && Find<IOException>(exception) is not null => RefusalReason.ConnectionClosed,
            HttpRequestError.SecureConnectionError => RefusalReason.TlsFailed,
            HttpRequestError.ResponseEnded => RefusalReason.ConnectionClosed,
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.HttpProtocolError => RefusalReason.InvalidResponse,
            _ when socket is SocketError.ConnectionRefused => RefusalReason.ConnectionRefused,
            _ when socket is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => RefusalReason.NameNotResolved,
            _ when socket is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => RefusalReason.ConnectionClosed,
            _ when Find<ConnectionAbortedException>(exception) is not null => RefusalReason.ConnectionClosed,
            // On HTTP/2 the handler aborts the connection itself when it cannot read what came, and says why in a type of its own.
            _ when Find<IOException>(exception)?.InnerException is
                not (null or IOException or SocketException or ObjectDisposedException or OperationCanceledException) => RefusalReason.InvalidResponse,
            _ => Find<IOException>(exception) is not null ? RefusalReason.ConnectionClosed : RefusalReason.Unreachable,
        };
    }

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        if (exception is AggregateException aggregate)
        {
            return aggregate.InnerExceptions.Select(Find<T>).FirstOrDefault(static found => found is not null);
        }

        return exception is null or T ? exception as T : Find<T>(exception.InnerException);
    }
}
