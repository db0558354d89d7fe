using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Bench;

/// <summary>Opens watches at one address: over plain HTTP/1.1, or where it is https over HTTP/2, so many streams to a connection.</summary>
internal sealed class WatchOpener : IDisposable
{
    private const int StreamsPerConnection = 200;
    private readonly Uri _url;
    private readonly string _token;
    private readonly HttpClient[] _clients;

    /// <summary>For <paramref name="count"/> watches; <paramref name="authorityFile"/> is what certificates are verified by.</summary>
    public WatchOpener(Uri url, string token, int count, string? authorityFile)
    {
        (_url, _token) = (url, token);
        _clients = string.Equals(url.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal) ? [.. Enumerable.Range(0, (count + StreamsPerConnection - 1) / StreamsPerConnection).Select(_ => Client(authorityFile!))] : [];
    }

    /// <summary>Opens the watch of that number, to its headers.</summary>
    public Task<WatchStream> OpenAsync(int number, CancellationToken cancellationToken) =>
        _clients.Length == 0 ? WatchStream.OpenAsync(_url, _token, number, cancellationToken) : WatchStream.OpenAsync(_url, _token, _clients[number % _clients.Length], cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }
    }

    private static HttpClient Client(string authorityFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authorityFile);
        return new HttpClient(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } }) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
