using Fairlead.Kubernetes.Connections;

namespace Fairlead.Forwarding;

/// <summary>
/// The connections of one TLS identity to one API server or Service. When the files behind it change, new requests get new connections
/// while running streams keep theirs until they end.
/// </summary>
internal sealed partial class ConnectionPool(
    string owner,
    Func<TlsMaterial> load,
    Func<TlsMaterial, SocketsHttpHandler> create,
    TimeSpan fileCheck,
    TimeProvider time,
    ILogger<ConnectionPool> logger) : IDisposable
{
    private readonly Lock _lock = new();
    private PooledHandler? _current;
    private TlsMaterial? _material;
    private long _checkedAt;
    private bool _disposed;

    /// <summary>Lends the connections for one request; the caller returns them with <see cref="PooledHandler.Return"/>.</summary>
    /// <exception cref="TlsMaterialException">The certificates cannot be used and never could, or the client certificate has ended.</exception>
    public PooledHandler Rent()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_current is null)
            {
                Open(load());
            }
            else if (time.GetElapsedTime(_checkedAt) >= fileCheck)
            {
                _checkedAt = time.GetTimestamp();
                RefreshIfStale();
            }

            ThrowIfEnded();
            return _current!.Rent();
        }
    }

    /// <summary>Lends the connections; null when the pool is out of service.</summary>
    /// <exception cref="TlsMaterialException">The certificates cannot be used and never could, or the client certificate has ended.</exception>
    public PooledHandler? TryRent()
    {
        lock (_lock)
        {
            return _disposed ? null : Rent();
        }
    }

    /// <summary>Takes the pool out of service; its connections close when the requests on them have ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _current?.Retire();
            _current = null;
        }
    }

    private void RefreshIfStale()
    {
        if (!_material!.IsStale())
        {
            return;
        }

        try
        {
            var fresh = load();
            var old = _current!;
            Open(fresh);
            old.Retire();
            LogReloaded(owner);
        }
        catch (TlsMaterialException exception)
        {
            // A half-written file is common while certificates rotate: the last good ones serve on.
            LogKept(exception, owner);
        }
    }

    private void Open(TlsMaterial material)
    {
        _current = new PooledHandler(new HttpMessageInvoker(new AtMostOnceHandler(create(material))));
        _material = material;
        _checkedAt = time.GetTimestamp();
    }

    /// <summary>A server may take the owner of an ended certificate for nobody, and answer what it answers nobody: better no request than an anonymous one.</summary>
    private void ThrowIfEnded()
    {
        if (_material!.ClientNotAfter is { } end && end <= time.GetUtcNow().UtcDateTime)
        {
            throw new TlsMaterialException($"the client certificate has expired at {end:u}; renew the certificate and the key");
        }
    }
}

/// <summary>A handler that is disposed when it has been retired and its last request has returned it.</summary>
/// <param name="invoker">The invoker over the handler.</param>
internal sealed class PooledHandler(HttpMessageInvoker invoker)
{
    // The pool itself holds one.
    private int _users = 1;

    /// <summary>The invoker.</summary>
    public HttpMessageInvoker Invoker => invoker;

    /// <summary>Counts one more request. Called under the pool's lock, so never after the last one has gone.</summary>
    public PooledHandler Rent()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    /// <summary>Gives the handler back.</summary>
    public void Return()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            invoker.Dispose();
        }
    }

    /// <summary>Takes the handler out of the pool.</summary>
    public void Retire() => Return();
}
