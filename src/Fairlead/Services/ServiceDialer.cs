using System.Net;
using System.Net.Sockets;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Services;

/// <summary>Where a Service's connections go.</summary>
internal abstract record DialTarget
{
    private DialTarget()
    {
    }

    /// <summary>To one of these, in any order.</summary>
    /// <param name="EndPoints">The endpoints.</param>
    public sealed record Addresses(IReadOnlyList<IPEndPoint> EndPoints) : DialTarget
    {
        /// <inheritdoc/>
        public bool Equals(Addresses? other) => other is not null && EndPoints.SequenceEqual(other.EndPoints);

        /// <inheritdoc/>
        public override int GetHashCode() => EndPoints.Aggregate(0, static (hash, one) => HashCode.Combine(hash, one));
    }

    /// <summary>To whatever a name leads to when the connection is made.</summary>
    /// <param name="Host">The name.</param>
    /// <param name="Port">The port.</param>
    public sealed record Name(string Host, int Port) : DialTarget;
}

/// <summary>
/// Opens the connections of the service door. Every address is put to the policy at the moment it is dialled, so that what was
/// checked is what is connected to, however often a name changes its mind.
/// </summary>
/// <param name="policy">The address policy.</param>
/// <param name="apiServer">The addresses of the cluster's API server.</param>
/// <param name="resolve">Resolves names.</param>
/// <param name="counts">Counts the connections; null where nobody does.</param>
internal sealed class ServiceDialer(AddressPolicy policy, ApiServerAddresses apiServer, NameResolver resolve, ConnectionCounts? counts = null)
{
    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(30);

    private readonly ConnectionCounts _counts = counts ?? new ConnectionCounts();

    /// <summary>Whether every endpoint may be dialled.</summary>
    public async ValueTask<bool> AllowsAsync(IEnumerable<IPAddress> addresses, CancellationToken cancellationToken)
    {
        var forbidden = await apiServer.GetAsync(cancellationToken);
        return addresses.All(address => policy.Allows(address, forbidden));
    }

    /// <summary>Connects.</summary>
    /// <exception cref="AddressNotAllowedException">The policy refuses an address.</exception>
    /// <exception cref="ApiServerUnknownException">The check cannot be made.</exception>
    /// <exception cref="SocketException">Nobody answers, or the name does not exist.</exception>
    public async ValueTask<Stream> ConnectAsync(DialTarget target, CancellationToken cancellationToken)
    {
        var endPoints = await CheckedAsync(target, cancellationToken);
        SocketException? last = null;
        foreach (var endPoint in endPoints)
        {
            _counts.Attempt();
            var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                UpstreamHandler.KeepAlive(socket, _keepAlive);
                await socket.ConnectAsync(endPoint, cancellationToken);
                return _counts.Opened(socket);
            }
            catch (SocketException exception)
            {
                // The next endpoint may answer.
                last = exception;
                _counts.Fail();
                socket.Dispose();
            }
            catch
            {
                _counts.Fail();
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private async ValueTask<IPEndPoint[]> CheckedAsync(DialTarget target, CancellationToken cancellationToken)
    {
        var forbidden = await apiServer.GetAsync(cancellationToken);
        if (target is DialTarget.Addresses { EndPoints: var known })
        {
            if (!known.All(endPoint => policy.Allows(endPoint.Address, forbidden)))
            {
                throw new AddressNotAllowedException();
            }

            var shuffled = known.ToArray();
            Random.Shared.Shuffle(shuffled);
            return shuffled;
        }

        var (host, port) = (DialTarget.Name)target;
        var addresses = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await resolve(host, cancellationToken);
        var isListed = policy.IsListed(host);
        return addresses.All(address => policy.AllowsExternal(address, isListed, forbidden))
            ? [.. addresses.Select(address => new IPEndPoint(address, port))]
            : throw new AddressNotAllowedException();
    }
}

/// <summary>The address policy refuses an address of a Service. The message names none.</summary>
internal sealed class AddressNotAllowedException : Exception
{
    /// <summary>Makes one.</summary>
    public AddressNotAllowedException()
        : base("the Service points to an address that the address policy refuses")
    {
    }
}

/// <summary>
/// The addresses of a cluster's API server, which no Service may lead to: where its URL leads, resolved again now and then, and the endpoints
/// of the Service <c>default/kubernetes</c>: from memory, else by asking, else as they were last known.
/// </summary>
/// <param name="server">The API server's URL.</param>
/// <param name="index">The cluster's Services; null where the gateway has no account to watch them with.</param>
/// <param name="ask">Asks the API server for its endpoints (<see cref="AskAsync"/>), and gives null where it does not say; null where the gateway has no account.</param>
/// <param name="resolve">Resolves names.</param>
/// <param name="time">The clock.</param>
internal sealed class ApiServerAddresses(Uri server, ServiceIndex? index, Func<Task<IPAddress[]?>>? ask, NameResolver resolve, TimeProvider time)
{
    private const string Slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes";
    private static readonly TimeSpan _resolvedFor = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _askedFor = TimeSpan.FromSeconds(10);
    private readonly ExpiringCache<string, IPAddress[]> _resolved = new(4, time);
    private readonly ExpiringCache<string, IPAddress[]?> _asked = new(4, time);
    private volatile IPAddress[]? _last;

    /// <summary>The addresses.</summary>
    /// <exception cref="ApiServerUnknownException">They cannot be found out: then nothing can be said, and nothing is dialled.</exception>
    public async ValueTask<IReadOnlyCollection<IPAddress>> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            var named = IPAddress.TryParse(server.Host.Trim('[', ']'), out var literal)
                ? [literal]
                : await _resolved.GetAsync(server.Host, () => resolve(server.Host, CancellationToken.None), static _ => _resolvedFor, cancellationToken);
            return [.. named, .. await EndpointsAsync(cancellationToken)];
        }
        catch (SocketException exception)
        {
            throw new ApiServerUnknownException(exception);
        }
    }

    /// <summary>Asks for the endpoints on the gateway's account.</summary>
    /// <param name="api">Whom.</param>
    public static async Task<IPAddress[]?> AskAsync(ClusterApi api) =>
        (await api.GetAsync(Slices, null, ApiJson.Default.ApiListEndpointSlice)).Value is { } list ? AddressesOf(list.Items ?? []) : null;

    private static IPAddress[] AddressesOf(IEnumerable<EndpointSlice> slices) =>
        [.. from slice in slices
            from endpoint in slice.Endpoints ?? []
            from address in endpoint.Addresses ?? []
            where IPAddress.TryParse(address, out _)
            select IPAddress.Parse(address)];

    private async ValueTask<IPAddress[]> EndpointsAsync(CancellationToken cancellationToken)
    {
        if (index is not null && await index.FindAsync("default", "kubernetes", withEndpoints: true, cancellationToken) is { IsKnown: true } known)
        {
            return _last = AddressesOf(known.View?.Slices ?? []);
        }

        var asked = ask is null ? null : await _asked.GetAsync("", ask, static answer => answer is null ? TimeSpan.FromSeconds(2) : _askedFor, cancellationToken);
        return (_last = asked ?? _last) ?? throw new ApiServerUnknownException();
    }
}

/// <summary>Where the API server is cannot be found out, so no address can be told from it.</summary>
internal sealed class ApiServerUnknownException : Exception
{
    /// <summary>Makes one.</summary>
    public ApiServerUnknownException()
        : this(null)
    {
    }

    /// <summary>Makes one because of <paramref name="innerException"/>.</summary>
    public ApiServerUnknownException(Exception? innerException)
        : base("the API server's addresses cannot be found out", innerException)
    {
    }
}
