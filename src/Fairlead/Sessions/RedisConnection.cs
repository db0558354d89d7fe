using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fairlead.Kubernetes.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Fairlead.Sessions;

/// <summary>
/// The connection to a Redis. It is made at the first use, in the background, and again whenever it is lost. Operations wait a moment for it and
/// then give up; once it has been away for longer, they give up at once.
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    /// <summary>The bound of one operation, waiting for the connection included.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly RedisAddress _address;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private Task<ConnectionMultiplexer>? _connecting;
    private long? _downSince;
    private bool _isDisposed;

    /// <summary>Takes the address; connects later.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="time">The clock of the operations' bound.</param>
    /// <param name="logger">Where losing and finding the connection is told.</param>
    public RedisConnection(RedisAddress address, TimeProvider time, ILogger logger)
    {
        _address = address;
        _time = time;
        _logger = logger;
    }

    /// <summary>Runs an operation; <see cref="StoreStatus.Unavailable"/> when it cannot be run within the limit.</summary>
    public async ValueTask<StoreAnswer<T>> RunAsync<T>(Func<IDatabase, Task<StoreAnswer<T>>> operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var running = RunAsync(operation);
        try
        {
            return await running.WaitAsync(Limit, _time, cancellationToken);
        }
        catch (RedisServerException exception) when (exception.Message.Contains("WRONGTYPE", StringComparison.Ordinal))
        {
            // Somebody has put something else under this key.
            return new StoreAnswer<T>(StoreStatus.NotFound);
        }
        catch (Exception exception) when (IsOfTheStore(exception))
        {
            Observe(running);
            var kind = KindOf(exception);
            LogFailed(_address, kind);
            LookAfterFailure(kind);
            return new StoreAnswer<T>(StoreStatus.Unavailable);
        }
        catch (OperationCanceledException)
        {
            Observe(running);
            throw;
        }
    }

    /// <summary>Closes the connection. It does not wait for a Redis that does not answer.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<ConnectionMultiplexer>? connecting;
        lock (_lock)
        {
            _isDisposed = true;
            connecting = _connecting;
        }

        if (connecting is { IsCompletedSuccessfully: true })
        {
            await CloseAsync(connecting.Result);
        }
        else if (connecting is not null)
        {
            _ = connecting.ContinueWith(
                static task => CloseAsync(task.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private static Task CloseAsync(ConnectionMultiplexer connection) => connection.CloseAsync(allowCommandsToComplete: false);

    private static bool IsOfTheStore(Exception exception) =>
        exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or SocketException or IOException
            or AuthenticationException or CryptographicException or UnauthorizedAccessException;

    /// <summary>The kind of a failure. Its text is left out: a library's words may hold addresses and values.</summary>
    private static string KindOf(Exception exception) => exception switch
    {
        RedisConnectionException connection => connection.FailureType.ToString(),
        // The first word of an error is its code: OOM, READONLY, NOPERM.
        RedisServerException { Message: var message } when message.Split(' ', 2)[0] is { } code && code.All(char.IsAsciiLetterUpper) => code,
        _ => exception.GetType().Name,
    };

    /// <summary>Nobody waits for it any more; its failure is none of anybody's business.</summary>
    private static void Observe(Task task) =>
        _ = task.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private static SslClientAuthenticationOptions TlsOf(RedisAddress address)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = address.Host };
        if (address.CaFile is not null)
        {
            // Read at each connection: a renewed file is used without a restart.
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(address.CaFile);
            options.CertificateChainPolicy = ServerTrust.For(authorities);
        }

        return options;
    }

    private async Task<StoreAnswer<T>> RunAsync<T>(Func<IDatabase, Task<StoreAnswer<T>>> operation)
    {
        var connecting = ConnectedAsync();
        if (!connecting.IsCompleted && IsLongDown())
        {
            return new StoreAnswer<T>(StoreStatus.Unavailable);
        }

        var connection = await connecting;
        Look(connection, nameof(ConnectionFailureType.UnableToConnect));
        if (IsLongDown())
        {
            return new StoreAnswer<T>(StoreStatus.Unavailable);
        }

        return await operation(connection.GetDatabase(_address.Database));
    }

    private Task<ConnectionMultiplexer> ConnectedAsync()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _connecting = ConnectAsync();
            }

            return _connecting;
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var connection = await ConnectionMultiplexer.ConnectAsync(Options());
        // The library's events come late and in any order: they are a reason to look, no more.
        connection.ConnectionRestored += (_, _) => Look(connection, nameof(ConnectionFailureType.None));
        connection.ConnectionFailed += (_, failure) => Look(connection, failure.FailureType.ToString());
        return connection;
    }

    private ConfigurationOptions Options()
    {
        var options = new ConfigurationOptions
        {
            EndPoints = { { _address.Host, _address.Port } },
            User = _address.User,
            Password = _address.Password?.Reveal(),
            DefaultDatabase = _address.Database,
            Ssl = _address.UseTls,
            ClientName = "fairlead",
            // Redis being down does not end the attempts, and the start does not wait for it.
            AbortOnConnectFail = false,
            ConnectTimeout = (int)Limit.TotalMilliseconds,
            AsyncTimeout = (int)Limit.TotalMilliseconds,
            SyncTimeout = (int)Limit.TotalMilliseconds,
            ReconnectRetryPolicy = new LinearRetry(250),
            KeepAlive = 10,
            // One server, and nothing to be published: no keys and channels of the library's own.
            TieBreaker = "",
            ConfigurationChannel = "",
            // The library's texts may hold keys and addresses.
            IncludeDetailInExceptions = false,
            LoggerFactory = NullLoggerFactory.Instance,
        };
        if (_address.UseTls)
        {
            options.SslClientAuthenticationOptions = _ => TlsOf(_address);
        }

        return options;
    }

    /// <summary>Looks whether there is a connection. That it was lost or found is written once, whatever number of attempts there is.</summary>
    /// <param name="connection">The connection; null while the first one is on its way.</param>
    /// <param name="kind">Why there may be none.</param>
    private void Look(ConnectionMultiplexer? connection, string kind)
    {
        lock (_lock)
        {
            var isConnected = connection is { IsConnected: true };
            if (_isDisposed || isConnected == _downSince is null)
            {
                return;
            }

            if (isConnected)
            {
                _downSince = null;
                LogFound(_address);
            }
            else
            {
                _downSince = _time.GetTimestamp();
                LogLost(_address, kind);
            }
        }
    }

    private void LookAfterFailure(string kind)
    {
        Task<ConnectionMultiplexer>? connecting;
        lock (_lock)
        {
            connecting = _connecting;
        }

        Look(connecting is { IsCompletedSuccessfully: true } ? connecting.Result : null, kind);
    }

    /// <summary>Whether the connection has been away for so long that waiting for it helps nobody.</summary>
    private bool IsLongDown()
    {
        lock (_lock)
        {
            return _downSince is { } since && _time.GetElapsedTime(since) > Limit;
        }
    }
}
