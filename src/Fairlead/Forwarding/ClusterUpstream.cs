using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Forwarding;

/// <summary>
/// The two ways to one API server: without a client certificate, on which every token travels, and with the gateway's, on which
/// no token ever does, because an API server believes the certificate first (contract F19).
/// </summary>
internal sealed class ClusterUpstream : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Func<ClientCertificateSource?, ConnectionPool> _open;
    private readonly ConnectionPool _plain;
    private volatile CertifiedPool? _certified;
    private volatile bool _disposed;

    /// <summary>Prepares the pools; nothing is opened or read yet.</summary>
    public ClusterUpstream(ClusterDefinition definition, GatewayOptions options, TimeProvider time, ILoggerFactory loggers, NameResolver? resolve = null)
    {
        var server = definition.Connection.Server;
        Prefix = server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        Authority = server.GetLeftPart(UriPartial.Authority);
        IsTls = string.Equals(server.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal);
        HostName = definition.Connection.TlsServerName;
        // These alone, since a cluster outlives its configuration, with whatever secrets that holds.
        var (bounds, fileCheck) = (options.BoundUpstreams(), options.Timeouts.FileCheck);
        var logger = loggers.CreateLogger<ConnectionPool>();
        _open = client => new ConnectionPool(
            $"Cluster '{definition.QualifiedName}'",
            () => TlsMaterial.Load(definition.Connection, client),
            material => ApiServerHandler.Create(definition.Connection, material, bounds, resolve, Connections),
            fileCheck,
            time,
            logger);
        _plain = _open(null);
    }

    /// <summary>Counts its connections.</summary>
    public ConnectionCounts Connections { get; } = new();

    /// <summary>Scheme, authority and path of the API server's URL, without a slash at the end.</summary>
    public string Prefix { get; }

    /// <summary>Scheme and authority of the API server's URL.</summary>
    public string Authority { get; }

    /// <summary>The path of the API server's URL, without a slash at the end; empty for most.</summary>
    public string BasePath => Prefix[Authority.Length..];

    /// <summary>Whether the API server is reached by TLS.</summary>
    public bool IsTls { get; }

    /// <summary>The name to put into <c>Host</c>, which SNI and the certificate check follow; null for the URL's own.</summary>
    public string? HostName { get; }

    /// <summary>Lends connections.</summary>
    /// <param name="certificate">The gateway's client certificate; null for none.</param>
    /// <exception cref="TlsMaterialException">The certificates cannot be used.</exception>
    /// <exception cref="ObjectDisposedException">A reload has taken the cluster out of service.</exception>
    public PooledHandler Rent(ClientCertificateSource? certificate)
    {
        if (certificate is null)
        {
            return _plain.Rent();
        }

        while (true)
        {
            var pool = _certified is { } current && (ReferenceEquals(current.Certificate, certificate) || current.Certificate == certificate) ? current.Pool : Exchange(certificate);
            if (pool.TryRent() is { } handler)
            {
                return handler;
            }

            // Another request has exchanged the pool meanwhile, or a reload has taken it away.
            ObjectDisposedException.ThrowIf(_disposed, this);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _plain.Dispose();
            _certified?.Pool.Dispose();
        }
    }

    /// <summary>New requests travel with another certificate; those on their way keep theirs until they end.</summary>
    private ConnectionPool Exchange(ClientCertificateSource certificate)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_certified is { } current && current.Certificate == certificate)
            {
                return current.Pool;
            }

            var old = _certified;
            _certified = new CertifiedPool(certificate, _open(certificate));
            old?.Pool.Dispose();
            return _certified.Pool;
        }
    }

    private sealed record CertifiedPool(ClientCertificateSource Certificate, ConnectionPool Pool);
}
