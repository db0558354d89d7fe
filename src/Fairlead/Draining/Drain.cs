using Fairlead.Configuration;
using Fairlead.Forwarding.Live;

namespace Fairlead.Draining;

/// <summary>
/// The way to the end (row T99). Readiness goes off with the signal; for <c>drain.delay</c> everything is still served, so that load balancers notice; then nobody is let in,
/// watches end, since their clients come back by themselves, and everything else has <c>drain.budget</c> to end by itself. What is open then is cut. A second signal skips what is left of both.
/// </summary>
/// <param name="options">The configuration.</param>
/// <param name="listeners">What lets clients in.</param>
/// <param name="connections">Who is in.</param>
/// <param name="streams">Streams, which have to be told.</param>
/// <param name="lifetime">Stops the rest when all of them are gone.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class Drain(
    GatewayOptions options, ClientListeners listeners, ClientConnections connections, LiveStreams streams, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Drain> logger) : IDisposable
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _lastArrivals = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _lastWords = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan _lastRecords = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _hurry = new();
    private readonly Lock _lock = new();
    private Func<object, Task>? _sayClose;
    private volatile bool _hasBegun;

    /// <summary>Whether the end has begun: no new work should be sent here.</summary>
    public bool HasBegun => _hasBegun || lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Begins the end; a second call leaves out what is left of its waits.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            if (_hasBegun)
            {
                // What waits goes on elsewhere, not on the thread of the signal.
                _ = _hurry.CancelAsync();
                return;
            }

            _hasBegun = true;
        }

        _ = Task.Run(RunThenStopAsync);
    }

    /// <summary>Serves a request of the public listeners so that its connection ends with it, once the end has begun.</summary>
    public async Task HandleAsync(HttpContext http, ClientConnection connection, RequestDelegate next)
    {
        connection.Begin();
        try
        {
            if (!connection.IsHttp2)
            {
                http.Response.OnStarting(_sayClose ??= SayCloseAsync, http);
            }
            else if (HasBegun)
            {
                connection.Close();
            }

            await next(http);
        }
        finally
        {
            connection.End();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hurry.Dispose();

    private Task SayCloseAsync(object state)
    {
        var response = ((HttpContext)state).Response;
        if (HasBegun && response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            response.Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }

    private async Task RunThenStopAsync()
    {
        try
        {
            await RunAsync();
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    private async Task RunAsync()
    {
        var begun = time.GetTimestamp();
        LogBegun(connections.Count, options.Drain.Delay, options.Drain.Budget);
        connections.SayGoAway();
        await Task.Delay(options.Drain.Delay, time, _hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        await listeners.CloseAsync();
        // Who came last is still in a handshake, or sends a first request.
        await Task.Delay(options.Drain.Delay > TimeSpan.Zero ? _lastArrivals : TimeSpan.Zero, time, _hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LogClosed(connections.Count);
        streams.End(static stream => stream.ComesBack, Stopping());
        await WaitAsync(static left => left.Connections.Count == 0, options.Drain.Budget, _hurry.Token);

        if (connections.Count > 0)
        {
            LogCut(connections.Count);
            streams.End(static _ => true, Stopping());
            await WaitAsync(static left => left.Streams.IsEmpty, _lastWords, CancellationToken.None);
            connections.Cut();
            await WaitAsync(static left => left.Connections.Count == 0, _lastRecords, CancellationToken.None);
        }

        var took = time.GetElapsedTime(begun);
        LogOver(took);
    }

    private static Refusal Stopping() => new(RefusalReason.Stopping, "The gateway is restarting") { RetryAfter = 1 };

    /// <summary>Waits until nothing is left, and closes connections whose last request has ended meanwhile.</summary>
    private async Task WaitAsync(Func<(ClientConnections Connections, LiveStreams Streams), bool> isOver, TimeSpan limit, CancellationToken hurry)
    {
        for (var begun = time.GetTimestamp(); !isOver((connections, streams)) && !hurry.IsCancellationRequested && time.GetElapsedTime(begun) < limit;)
        {
            connections.CloseIdle();
            await Task.Delay(_look, time, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
