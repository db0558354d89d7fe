using System.Runtime.CompilerServices;

namespace Fairlead.Kubernetes.Connections;

/// <summary>
/// Keeps <see cref="SocketsHttpHandler"/> from sending again what may have had its effect. It repeats, up to three times, whatever has no content when the server closes the connection
/// without an answer: a command in a pod would be run again, and a DELETE that worked be answered with 404. What only reads (RFC 9110 9.2.1) may be repeated.
/// </summary>
/// <param name="inner">The handler, made by <see cref="UpstreamHandler"/>.</param>
public sealed class AtMostOnceHandler(SocketsHttpHandler inner) : DelegatingHandler(inner)
{
    // Written once on every try, and nowhere but on upgrades.
    private const string Upgrade = "Upgrade";
    private static readonly HttpRequestOptionsKey<StrongBox<bool>> _wasSent = new("Fairlead.WasSent");

    /// <summary>Takes note of a header that is about to be written; part of <see cref="SocketsHttpHandler.RequestHeaderEncodingSelector"/>.</summary>
    /// <param name="name">The header's name.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="HttpRequestException">The request is an upgrade and was sent before.</exception>
    internal static void Writing(string name, HttpRequestMessage request)
    {
        if (!string.Equals(name, Upgrade, StringComparison.OrdinalIgnoreCase) || !request.Options.TryGetValue(_wasSent, out var wasSent))
        {
            return;
        }

        if (wasSent.Value)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "the server closed the connection without an answer, and an upgrade is not sent again");
        }

        wasSent.Value = true;
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Content is null && request.Method != HttpMethod.Get && request.Method != HttpMethod.Head && request.Method != HttpMethod.Options)
        {
            // What has content, be it empty, is not repeated.
            request.Content = new ByteArrayContent([]);
        }
        else if (request.Headers.NonValidated.Contains(Upgrade))
        {
            request.Options.Set(_wasSent, new StrongBox<bool>());
        }

        return base.SendAsync(request, cancellationToken);
    }
}
