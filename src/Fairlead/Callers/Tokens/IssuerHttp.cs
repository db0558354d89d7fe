using System.Net;
using System.Net.Security;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Callers.Tokens;

/// <summary>What an issuer answered.</summary>
/// <param name="Status">Its status; 0 where it gave none.</param>
/// <param name="Body">Its body; empty where there is none.</param>
/// <param name="Problem">Why there is no answer, for the log only; null where there is one.</param>
internal sealed record IssuerReply(HttpStatusCode Status, byte[] Body, string? Problem)
{
    /// <summary>Without the body, which may hold tokens.</summary>
    public override string ToString() => $"{nameof(IssuerReply)} {{ Status = {Status}, Problem = {Problem} }}";
}

/// <summary>
/// Connections to an identity provider or a portal: bounded in time and size, nothing is followed, and its certificate is checked against the
/// configured authorities alone. Where those cannot be read nothing is asked.
/// </summary>
/// <param name="caFile">The authorities, read again when the file changes; null for those of the system.</param>
/// <param name="skipVerify">Whether the certificate is accepted unseen.</param>
/// <param name="largestBody">The largest answer that is read, in MiB.</param>
internal sealed class IssuerHttp(string? caFile, bool skipVerify, int largestBody = 1)
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);
    private static readonly ConnectionBounds _bounds = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30));

    private readonly Lock _lock = new();
    private (HttpMessageInvoker Invoker, TlsMaterial Material)? _current;

    /// <summary>Asks for a document.</summary>
    public Task<IssuerReply> GetAsync(Uri url, string? authorization, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return SendAsync(request, cancellationToken);
    }

    /// <summary>Sends a request, and reads the answer whole.</summary>
    /// <param name="request">The request; it is disposed of.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IssuerReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limit);
        try
        {
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            using var response = await Invoker().SendAsync(request, limit.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(limit.Token);
            using var body = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (await stream.ReadAsync(buffer, limit.Token) is > 0 and var read)
            {
                if (body.Length + read > largestBody * 1024L * 1024)
                {
                    return new IssuerReply(default, [], $"the answer is larger than {largestBody} MiB");
                }

                body.Write(buffer, 0, read);
            }

            return new IssuerReply(response.StatusCode, body.ToArray(), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new IssuerReply(default, [], "no answer within 10 s");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TlsMaterialException)
        {
            return new IssuerReply(default, [], exception.InnerException?.Message ?? exception.Message);
        }
        finally
        {
            request.Dispose();
        }
    }

    /// <summary>Sends a request, and gives the answer as soon as its headers are there; no bound but the caller's.</summary>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    /// <exception cref="TlsMaterialException">The authorities cannot be read.</exception>
    public Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Invoker().SendAsync(request, cancellationToken);

    private HttpMessageInvoker Invoker()
    {
        lock (_lock)
        {
            if (_current is var (invoker, material) && !material.IsStale())
            {
                return invoker;
            }

            // The connections of the old one end by themselves: requests may be under way on them.
            material = TlsMaterial.Load(caFile is null ? [] : [new PemSource.File(caFile)], null);
            invoker = new HttpMessageInvoker(Handler(material));
            _current = (invoker, material);
            return invoker;
        }
    }

    private SocketsHttpHandler Handler(TlsMaterial material)
    {
        var handler = UpstreamHandler.Create(_bounds);
        handler.MaxResponseHeadersLength = 64;
        handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = ServerTrust.For(material.Authority) };
        if (skipVerify)
        {
#pragma warning disable CA5359 // Asked for by skipTLSVerify of the issuer, which warns at start.
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return handler;
    }
}
