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
    private readonly ConnectionPool _plain;
    private readonly ConnectionPool? _certified;

    /// <summary>Prepares the pools; nothing is opened or read yet.</summary>
    public ClusterUpstream(ClusterDefinition definition, TimeoutOptions timeouts, TimeProvider time, ILoggerFactory loggers)
    {
        var server = definition.Connection.Server;
        Prefix = server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        Authority = server.GetLeftPart(UriPartial.Authority);
        IsTls = string.Equals(server.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal);
        HostName = definition.Connection.TlsServerName;
        var times = new ConnectionTimes(timeouts.Connect, timeouts.Ping);
        var logger = loggers.CreateLogger<ConnectionPool>();
        _plain = Pool(null);
        _certified = definition.Credential.Certificate is { } certificate ? Pool(certificate) : null;

        ConnectionPool Pool(ClientCertificateSource? client) =>
            new(
                $"Cluster '{definition.QualifiedName}'",
                () => TlsMaterial.Load(definition.Connection, client),
                material => ApiServerHandler.Create(definition.Connection, material, times),
                timeouts.FileCheck,
                time,
                logger);
    }

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
    /// <param name="withClientCertificate">Whether the gateway's client certificate is wanted.</param>
    /// <exception cref="TlsMaterialException">The certificates cannot be used.</exception>
    public PooledHandler Rent(bool withClientCertificate) =>
        (withClientCertificate ? _certified ?? throw new InvalidOperationException("no client certificate is configured") : _plain).Rent();

    /// <inheritdoc/>
    public void Dispose()
    {
        _plain.Dispose();
        _certified?.Dispose();
    }
}
