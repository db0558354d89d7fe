using System.Collections.Concurrent;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Resources;
using Fairlead.Kubernetes.Watching;

namespace Fairlead.Services;

/// <summary>
/// The Services of a cluster, in memory and up to date: list and watch on the gateway's own account. It starts at the first use and stops
/// when it has not been used for a while; EndpointSlices come along only where somebody needs them (decision 22).
/// </summary>
internal sealed partial class ServiceIndex(ClusterApi api, string clusterName, TimeProvider time, ILogger<ServiceIndex> logger) : IDisposable
{
    private static readonly TimeSpan _idle = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Copy? _copy;
    private ITimer? _idleCheck;
    private long _usedAt;
    private bool _disposed;

    /// <summary>Looks a Service up.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="withEndpoints">Whether its endpoints are needed.</param>
    /// <param name="cancellationToken">Ends the wait for the first list.</param>
    /// <returns>What memory knows; <see cref="IndexLookup.Unknown"/> when memory is not up to date.</returns>
    public async ValueTask<IndexLookup> FindAsync(string @namespace, string name, bool withEndpoints, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _usedAt, time.GetTimestamp());
        if (Use(withEndpoints) is not { } copy)
        {
            return IndexLookup.Unknown;
        }

        if (copy.IsStarting(withEndpoints))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_firstWait);
            await copy.FirstOutcome(withEndpoints).WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return copy.Find(@namespace, name, withEndpoints);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            Stop();
        }
    }

    private Copy? Use(bool withEndpoints)
    {
        var copy = Volatile.Read(ref _copy);
        if (copy is not null && (!withEndpoints || copy.HasEndpoints))
        {
            return copy;
        }

        lock (_lock)
        {
            if (_disposed)
            {
                return null;
            }

            if (_copy is null)
            {
                LogStarted(clusterName);
                _copy = new Copy(api, clusterName, time, logger);
                _idleCheck = time.CreateTimer(static state => ((ServiceIndex)state!).StopWhenIdle(), this, _idle, _idle);
            }

            if (withEndpoints)
            {
                _copy.AddEndpoints();
            }

            return _copy;
        }
    }

    private void StopWhenIdle()
    {
        lock (_lock)
        {
            if (_copy is not null && time.GetElapsedTime(Interlocked.Read(ref _usedAt)) >= _idle)
            {
                LogStopped(clusterName);
                Stop();
            }
        }
    }

    private void Stop()
    {
        _copy?.Dispose();
        _copy = null;
        _idleCheck?.Dispose();
        _idleCheck = null;
    }

    [LoggerMessage(EventId = 821, Level = LogLevel.Information, Message = "Cluster {Cluster}: watching Services")]
    private partial void LogStarted(string cluster);

    [LoggerMessage(EventId = 822, Level = LogLevel.Information, Message = "Cluster {Cluster}: no Service was asked for in a while, the watches end")]
    private partial void LogStopped(string cluster);

    [LoggerMessage(EventId = 823, Level = LogLevel.Warning, Message = "Cluster {Cluster}: {Kind} cannot be watched ({Problem}); each is looked up when it is asked for")]
    private static partial void LogFailing(ILogger logger, string cluster, string kind, string problem);

    /// <summary>One life of the copy: from the first use to the last.</summary>
    private sealed class Copy : IReflection<Service>, IDisposable
    {
        private readonly ClusterApi _api;
        private readonly string _clusterName;
        private readonly TimeProvider _time;
        private readonly ILogger _logger;
        private readonly CancellationTokenSource _stopping = new();
        private readonly ConcurrentDictionary<(string Namespace, string Name), Service> _services = new();
        private readonly ConcurrentDictionary<(string Namespace, string Name), ServiceView> _views = new();
        private readonly Reflector<Service> _serviceReflector;
        private volatile EndpointCopy? _endpoints;

        public Copy(ClusterApi api, string clusterName, TimeProvider time, ILogger logger)
        {
            _api = api;
            _clusterName = clusterName;
            _time = time;
            _logger = logger;
            _serviceReflector = new Reflector<Service>(
                api.GetAsHeldAsync, "/api/v1/services", ApiJson.Default.Service, ApiJson.Default.ApiListService, this, time);
            Run(_serviceReflector, "Services");
        }

        public bool HasEndpoints => _endpoints is not null;

        public void AddEndpoints()
        {
            if (_endpoints is null)
            {
                var endpoints = new EndpointCopy(_views);
                endpoints.Reflector = new Reflector<EndpointSlice>(
                    _api.GetAsHeldAsync, "/apis/discovery.k8s.io/v1/endpointslices", ApiJson.Default.EndpointSlice, ApiJson.Default.ApiListEndpointSlice, endpoints, _time);
                _endpoints = endpoints;
                Run(endpoints.Reflector, "EndpointSlices");
            }
        }

        public bool IsStarting(bool withEndpoints) =>
            _serviceReflector.State is ReflectorState.Starting || (withEndpoints && _endpoints?.Reflector.State is ReflectorState.Starting);

        public Task FirstOutcome(bool withEndpoints) => withEndpoints && _endpoints is { } endpoints
            ? Task.WhenAll(_serviceReflector.FirstOutcome, endpoints.Reflector.FirstOutcome)
            : _serviceReflector.FirstOutcome;

        public IndexLookup Find(string @namespace, string name, bool withEndpoints)
        {
            var endpoints = withEndpoints ? _endpoints : null;
            if (_serviceReflector.State is not ReflectorState.Live || (withEndpoints && endpoints?.Reflector.State is not ReflectorState.Live))
            {
                return IndexLookup.Unknown;
            }

            var key = (@namespace, name);
            if (_views.TryGetValue(key, out var view) && (!withEndpoints || view.Slices is not null))
            {
                return new IndexLookup(true, view);
            }

            // A change in between takes the view away again, so a stale one never stays.
            return _services.TryGetValue(key, out var service)
                ? new IndexLookup(true, Keep(key, service, endpoints))
                : new IndexLookup(true, null);
        }

        public void Replace(IReadOnlyList<Service> all)
        {
            var kept = all.Select(static service => (service.Metadata.Namespace, service.Metadata.Name)).ToHashSet();
            foreach (var service in all)
            {
                Put(service);
            }

            foreach (var key in _services.Keys.Where(key => !kept.Contains(key)))
            {
                _services.TryRemove(key, out _);
                _views.TryRemove(key, out _);
            }
        }

        public void Put(Service value)
        {
            var key = (value.Metadata.Namespace, value.Metadata.Name);
            _services[key] = value.Slim(ServiceView.AuthorizationAnnotation);
            _views.TryRemove(key, out _);
        }

        public void Remove(Service value)
        {
            var key = (value.Metadata.Namespace, value.Metadata.Name);
            _services.TryRemove(key, out _);
            _views.TryRemove(key, out _);
        }

        public void Dispose() => _stopping.Cancel();

        private ServiceView Keep((string Namespace, string Name) key, Service service, EndpointCopy? endpoints)
        {
            var slices = endpoints?.SlicesOf(key);
            var view = new ServiceView(service, slices);
            _views[key] = view;
            // What changed while the view was made must not be hidden by it.
            if (!_services.TryGetValue(key, out var now) || !ReferenceEquals(now, service) || !ReferenceEquals(endpoints?.SlicesOf(key), slices))
            {
                _views.TryRemove(new KeyValuePair<(string, string), ServiceView>(key, view));
            }

            return view;
        }

        private void Run<T>(Reflector<T> reflector, string kind)
            where T : class, IApiObject
        {
            _ = reflector.RunAsync(_stopping.Token);
            _ = ReportAsync();

            async Task ReportAsync()
            {
                await reflector.FirstOutcome;
                if (reflector.Problem is { } problem)
                {
                    LogFailing(_logger, _clusterName, kind, problem);
                }
            }
        }
    }

    /// <summary>The EndpointSlices, by the Service that they belong to.</summary>
    private sealed class EndpointCopy(ConcurrentDictionary<(string Namespace, string Name), ServiceView> views) : IReflection<EndpointSlice>
    {
        private static readonly EndpointSlice[] _none = [];
        private readonly ConcurrentDictionary<(string Namespace, string Service), EndpointSlice[]> _byService = new();
        private readonly Dictionary<(string Namespace, string Slice), EndpointSlice> _slices = [];

        public Reflector<EndpointSlice> Reflector { get; set; } = null!;

        /// <summary>The slices of a Service: another array after every change, and only then.</summary>
        public EndpointSlice[] SlicesOf((string Namespace, string Name) service) => _byService.GetValueOrDefault(service, _none);

        public void Replace(IReadOnlyList<EndpointSlice> all)
        {
            var kept = all.Select(static slice => (slice.Metadata.Namespace, slice.Metadata.Name)).ToHashSet();
            foreach (var gone in _slices.Where(pair => !kept.Contains(pair.Key)).Select(static pair => pair.Value).ToArray())
            {
                Remove(gone);
            }

            foreach (var slice in all)
            {
                Put(slice);
            }
        }

        public void Put(EndpointSlice value)
        {
            value = value.Slim();
            var key = (value.Metadata.Namespace, value.Metadata.Name);
            var before = _slices.GetValueOrDefault(key);
            _slices[key] = value;
            if (before is not null && !string.Equals(before.ServiceName, value.ServiceName, StringComparison.Ordinal))
            {
                Take(before);
            }

            var service = (value.Metadata.Namespace, value.ServiceName);
            Change(service, [.. SlicesOf(service).Where(slice => !IsSame(slice, value)), value]);
        }

        public void Remove(EndpointSlice value)
        {
            if (_slices.Remove((value.Metadata.Namespace, value.Metadata.Name), out var before))
            {
                Take(before);
            }
        }

        private static bool IsSame(EndpointSlice one, EndpointSlice other) => string.Equals(one.Metadata.Name, other.Metadata.Name, StringComparison.Ordinal);

        private void Take(EndpointSlice slice)
        {
            var service = (slice.Metadata.Namespace, slice.ServiceName);
            Change(service, [.. SlicesOf(service).Where(other => !IsSame(other, slice))]);
        }

        private void Change((string Namespace, string Service) service, EndpointSlice[] slices)
        {
            if (slices.Length == 0)
            {
                _byService.TryRemove(service, out _);
            }
            else
            {
                _byService[service] = slices;
            }

            views.TryRemove(service, out _);
        }
    }
}

/// <summary>What memory knows of a Service.</summary>
/// <param name="IsKnown">Whether memory is up to date; otherwise somebody has to be asked.</param>
/// <param name="View">The Service; null where there is none of that name.</param>
internal readonly record struct IndexLookup(bool IsKnown, ServiceView? View)
{
    /// <summary>Memory is not up to date.</summary>
    public static IndexLookup Unknown => default;
}
