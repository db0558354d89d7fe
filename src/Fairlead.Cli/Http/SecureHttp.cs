using System.Net.Security;

namespace Fairlead.Cli.Http;

/// <summary>Requests to the gateway and to identity providers: small answers, no redirects, no cookies, and failures in words for the person.</summary>
internal sealed class SecureHttp : IDisposable
{
    private const int LargestAnswer = 1024 * 1024;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly ServerTrust _trust;
    private readonly HttpClient _client;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="authorityPem">Authorities to trust beside the system's, PEM; null for none.</param>
    /// <exception cref="CommandFailure">That is no PEM certificate.</exception>
    public SecureHttp(string? authorityPem)
    {
        _trust = new ServerTrust(authorityPem);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = _trust.Check },
        })
        {
            Timeout = _patience,
            MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    /// <summary>Whether somebody has answered whom the system alone would not have trusted.</summary>
    public bool NeededAuthorities => _trust.NeededAuthorities;

    /// <summary>Sends a request and reads the answer.</summary>
    /// <param name="request">The request, which is disposed of.</param>
    /// <param name="what">Who is asked, at the beginning of a sentence.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UnreachableFailure">There is no answer.</exception>
    public async Task<HttpAnswer> SendAsync(HttpRequestMessage request, string what, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                using var response = await _client.SendAsync(request, cancellationToken);
                return new HttpAnswer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), response.Headers.Date);
            }
            catch (HttpRequestException exception)
            {
                throw new UnreachableFailure($"{what} cannot be reached: {Explain(exception, request.RequestUri!)}", exception);
            }
            catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new UnreachableFailure($"{what} cannot be reached: no answer within {_patience.TotalSeconds} seconds", exception);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private string Explain(HttpRequestException exception, Uri url) => exception.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => $"the name {url.Host} is not known",
        HttpRequestError.ConnectionError => $"no connection to {url.Authority} ({Printable.Of(exception.InnerException?.Message ?? exception.Message)}). Is the address right, and is there a VPN or a proxy (HTTPS_PROXY) between?",
        HttpRequestError.SecureConnectionError => _trust.Problem is { } problem ? $"the certificate of {url.Authority} {problem}" : $"TLS with {url.Authority} failed ({Printable.Of(exception.InnerException?.Message ?? exception.Message)})",
        HttpRequestError.ConfigurationLimitExceeded => "its answer is too large",
        _ => Printable.Of(exception.Message),
    };
}
