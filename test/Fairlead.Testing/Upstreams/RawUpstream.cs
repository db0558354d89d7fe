using System.Net;
using System.Net.Sockets;

namespace Fairlead.Testing.Upstreams;

/// <summary>
/// A scripted HTTP/1.1 upstream on loopback. It records every connection and every byte of every request, and answers 200 with <c>{}</c>
/// unless told otherwise.
/// </summary>
public sealed class RawUpstream : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly List<RawUpstreamConnection> _connections = [];
    private readonly List<RecordedRequest> _requests = [];
    private readonly List<Exception> _failures = [];
    private readonly List<Task> _running = [];
    private TaskCompletionSource _changed = NewSignal();
    private Func<RawUpstreamConnection, Task> _script;

    /// <summary>Listens on a free port at once.</summary>
    public RawUpstream(RawUpstreamOptions? options = null)
    {
        Options = options ?? new();
        _script = Answering(_ => RawAnswer.Json(200, "{}"));
        _listener.Bind(new IPEndPoint(Options.Address, 0));
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = AcceptAsync();
    }

    /// <summary>How it listens.</summary>
    public RawUpstreamOptions Options { get; }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary><c>http://127.0.0.1:port</c>, or https.</summary>
    public string Url => $"{(Options.Certificate is null ? "http" : "https")}://{Options.Address}:{Port}";

    /// <summary>All connections so far, also those whose handshake failed.</summary>
    public IReadOnlyList<RawUpstreamConnection> Connections => Snapshot(_connections);

    /// <summary>All requests so far whose head was complete, in the order of arrival.</summary>
    public IReadOnlyList<RecordedRequest> Requests => Snapshot(_requests);

    /// <summary>What went wrong in a script or in reading a request; dispose throws them.</summary>
    public IReadOnlyList<Exception> Failures => Snapshot(_failures);

    /// <summary>How many connections were accepted.</summary>
    public int ConnectionCount => Snapshot(_connections).Count;

    /// <summary>How many connections are open: neither has the peer closed nor the script ended.</summary>
    public int OpenConnections => Connections.Count(connection => connection.IsOpen);

    /// <summary>Takes the connection and answers no request on it; <see cref="OpenConnections"/> falls when the peer gives up.</summary>
    public static RawUpstream NeverAnswering(RawUpstreamOptions? options = null)
    {
        var upstream = new RawUpstream(options);
        upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.PeerClosed;
        });
        return upstream;
    }

    /// <summary>Speaks no TLS where the peer expects it: answers the ClientHello with an HTTP 400 and closes, as Go's server does.</summary>
    public static RawUpstream PlaintextOnTlsPort()
    {
        var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            await connection.WriteAsync("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.\n");
            await connection.CloseAsync();
            await connection.PeerClosed;
        });
        return upstream;
    }

    /// <summary>Every request on every later connection is read whole and answered so.</summary>
    public void Respond(Func<RecordedRequest, RawAnswer> answer) => OnConnection(Answering(answer));

    /// <summary>Every request on every later connection is read whole and answered so.</summary>
    public void Respond(RawAnswer answer) => Respond(_ => answer);

    /// <summary>Every later connection runs this script; it is closed when the script ends.</summary>
    public void OnConnection(Func<RawUpstreamConnection, Task> script) => Volatile.Write(ref _script, script);

    /// <summary>Waits until so many requests have arrived and gives the last of them; its body may still be on the way.</summary>
    public async Task<RecordedRequest> WaitForRequestAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        await WaitUntilAsync(() => _requests.Count >= count, $"request {count} at the upstream", cancellationToken);
        return Requests[count - 1];
    }

    /// <summary>Waits until so many connections have been made and gives the last of them.</summary>
    public async Task<RawUpstreamConnection> WaitForConnectionAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        await WaitUntilAsync(() => _connections.Count >= count, $"connection {count} at the upstream", cancellationToken);
        return Connections[count - 1];
    }

    /// <summary>Waits until no connection is open.</summary>
    public Task WaitForNoConnectionAsync(CancellationToken cancellationToken = default) =>
        WaitUntilAsync(() => _connections.TrueForAll(connection => !connection.IsOpen), "all connections to the upstream to be closed", cancellationToken);

    /// <summary>Closes everything; throws what failed in the scripts.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            // A test has ended it before its time.
            return;
        }

        await _stopping.CancelAsync();
        _listener.Dispose();
        foreach (var connection in Connections)
        {
            connection.Abandon();
        }

        await Task.WhenAll(Snapshot(_running)).WaitAsync(Guard.Limit);
        _stopping.Dispose();
        if (Failures is { Count: > 0 } failures)
        {
            throw new AggregateException("The upstream's script failed.", failures);
        }
    }

    internal void Record(RecordedRequest request) => Change(() => _requests.Add(request));

    internal void Changed() => Change(() => { });

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Func<RawUpstreamConnection, Task> Answering(Func<RecordedRequest, RawAnswer> answer) => async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            var reply = request.End == Wire.ResponseEnd.Complete ? answer(request) : RawAnswer.Nothing();
            await connection.AnswerAsync(reply);
            if (reply.Then != AfterAnswer.KeepOpen)
            {
                await connection.PeerClosed;
                return;
            }
        }
    };

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stopping.Token);
                socket.NoDelay = true;
                var connection = new RawUpstreamConnection(this, socket);
                Change(() =>
                {
                    _connections.Add(connection);
                    _running.Add(RunAsync(connection, socket));
                });
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task RunAsync(RawUpstreamConnection connection, Socket socket)
    {
        await Task.Yield();
        try
        {
            if (await RawUpstreamTls.OpenAsync(connection, new NetworkStream(socket, ownsSocket: true), Options, _stopping.Token))
            {
                // Dispose does not wait for a script that stands at a gate nobody will open any more.
                await Volatile.Read(ref _script)(connection).WaitAsync(_stopping.Token);
            }
        }
        catch (IOException)
        {
            // The peer went away; tests look at what they see instead.
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            Change(() => _failures.Add(exception));
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Whatever the script waited for went away with the upstream.
        }
        finally
        {
            connection.Abandon();
            Changed();
        }
    }

    private Task WaitUntilAsync(Func<bool> condition, string what, CancellationToken cancellationToken) =>
        Guard.RunAsync(
            what,
            async token =>
            {
                while (true)
                {
                    Task changed;
                    lock (_lock)
                    {
                        if (condition())
                        {
                            return;
                        }

                        changed = _changed.Task;
                    }

                    await changed.WaitAsync(token);
                }
            },
            cancellationToken);

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }

    private IReadOnlyList<T> Snapshot<T>(List<T> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }
}
