using System.Collections.Concurrent;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Services;

/// <summary>
/// The connections to the Services of a cluster in whose network the gateway is: a pool for each Service and port in use. When what a
/// Service is changes, its next request gets a new pool, and streams on the old one go on to their end.
/// </summary>
internal sealed class ServiceUpstreams(
    ClusterDefinition cluster, GatewayOptions gateway, ApiServerAddresses apiServer, NameResolver resolve, TimeProvider time, ILoggerFactory loggers) : IDisposable
{
    private static readonly TimeSpan _idle = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<ServiceKey, Entry> _entries = new();
    // These alone, since a cluster outlives its configuration, with whatever secrets that holds.
    private readonly ConnectionBounds _bounds = gateway.BoundUpstreams();
    private readonly TimeSpan _fileCheck = gateway.Timeouts.FileCheck;
    private readonly ILogger<ConnectionPool> _logger = loggers.CreateLogger<ConnectionPool>();
    private readonly Lock _lock = new();
    private long _sweptAt = time.GetTimestamp();
    private bool _disposed;

    /// <summary>Counts their connections.</summary>
    public ConnectionCounts Connections { get; } = new();

    /// <summary>The pool, where nothing has changed since it was last asked for.</summary>
    public (ConnectionPool Pool, ServiceSettings Settings)? Find(ServiceKey key, ServiceView view, ServiceProxyOptions options)
    {
        if (!_entries.TryGetValue(key, out var entry) || !ReferenceEquals(entry.View, view) || !ReferenceEquals(entry.Options, options))
        {
            return null;
        }

        entry.UsedAt = time.GetTimestamp();
        return (entry.Pool, entry.Settings);
    }

    /// <summary>The pool for a Service as it is now; the one that is there when nothing that matters is different.</summary>
    public ConnectionPool Open(ServiceKey key, ServiceView view, ServiceProxyOptions options, ServiceSettings settings)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Sweep();
            var existing = _entries.GetValueOrDefault(key);
            var isSame = existing is not null && existing.Settings == settings && ReferenceEquals(existing.Options, options);
            var entry = new Entry(view, options, settings, isSame ? existing!.Pool : Create(settings, options)) { UsedAt = time.GetTimestamp() };
            _entries[key] = entry;
            if (!isSame)
            {
                existing?.Pool.Dispose();
            }

            return entry.Pool;
        }
    }

    /// <summary>Whether every address may be dialled.</summary>
    public ValueTask<bool> AllowsAsync(IEnumerable<System.Net.IPAddress> addresses, ServiceProxyOptions options, CancellationToken cancellationToken) =>
        Dialer(options).AllowsAsync(addresses, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var entry in _entries.Values)
            {
                entry.Pool.Dispose();
            }
        }
    }

    private ServiceDialer Dialer(ServiceProxyOptions options) => new(new AddressPolicy(options), apiServer, resolve, Connections);

    private ConnectionPool Create(ServiceSettings settings, ServiceProxyOptions options)
    {
        var dialer = Dialer(options);
        PemSource?[] authorities = !settings.IsTls || settings.SkipTlsVerify ? []
            : settings.IsExternal ? [settings.CertificateAuthority]
            : [settings.CertificateAuthority, cluster.Connection.CertificateAuthority];
        return new ConnectionPool(
            $"Service '{settings.Namespace}/{settings.Name}' of cluster '{cluster.QualifiedName}'",
            () => TlsMaterial.Load([.. authorities.OfType<PemSource>()], settings.ClientCertificate),
            material => ServiceHandler.Create(settings.Target, dialer, material, settings.CertificateNames, settings.SkipTlsVerify, _bounds),
            _fileCheck,
            time,
            _logger);
    }

    /// <summary>Takes pools away that nobody has used for a while. Called under the lock.</summary>
    private void Sweep()
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_sweptAt, now) < _idle)
        {
            return;
        }

        _sweptAt = now;
        foreach (var pair in _entries.Where(pair => time.GetElapsedTime(pair.Value.UsedAt, now) > _idle))
        {
            if (_entries.TryRemove(pair))
            {
                pair.Value.Pool.Dispose();
            }
        }
    }

    private sealed class Entry(ServiceView view, ServiceProxyOptions options, ServiceSettings settings, ConnectionPool pool)
    {
        private long _usedAt;

        public ServiceView View => view;

        public ServiceProxyOptions Options => options;

        public ServiceSettings Settings => settings;

        public ConnectionPool Pool => pool;

        public long UsedAt
        {
            get => Interlocked.Read(ref _usedAt);
            set => Interlocked.Exchange(ref _usedAt, value);
        }
    }
}

/// <summary>Names a pool: what a request can ask for, and nothing that it can make up, since all of it is declared.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The Service.</param>
/// <param name="Port">The declared port.</param>
/// <param name="Scheme">The scheme.</param>
internal readonly record struct ServiceKey(string Namespace, string Name, int Port, string Scheme);

/// <summary>Everything that the connections to a Service depend on; when it changes, they are not used any more.</summary>
internal sealed record ServiceSettings
{
    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The Service.</summary>
    public required string Name { get; init; }

    /// <summary>The Service's unique id: one that was deleted and made again is another.</summary>
    public required string Uid { get; init; }

    /// <summary>Where connections go.</summary>
    public required DialTarget Target { get; init; }

    /// <summary>Whether it is a host outside the cluster: the cluster's authority says nothing about it.</summary>
    public required bool IsExternal { get; init; }

    /// <summary>Whether TLS is spoken.</summary>
    public required bool IsTls { get; init; }

    /// <summary>The DNS domain of the cluster.</summary>
    public required string ClusterDomain { get; init; }

    /// <summary>The configured authority.</summary>
    public PemSource? CertificateAuthority { get; init; }

    /// <summary>The configured client certificate.</summary>
    public ClientCertificateSource? ClientCertificate { get; init; }

    /// <summary>Whether the certificate is accepted unseen.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The names that its certificate may carry beside the URL's (contract <c>headlamp.md</c> F38).</summary>
    public IReadOnlyList<string> CertificateNames => IsExternal ? [] : [$"{Name}.{Namespace}.svc", $"{Name}.{Namespace}.svc.{ClusterDomain}", $"{Name}.{Namespace}"];
}
