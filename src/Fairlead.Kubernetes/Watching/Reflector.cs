using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Kubernetes.Watching;

/// <summary>A GET of an API server's path and query. The result is disposed when its body is not needed any more.</summary>
/// <param name="target">Path and query.</param>
/// <param name="cancellationToken">Ends the request and the reading of its body.</param>
/// <exception cref="HttpRequestException">The API server could not be asked.</exception>
public delegate Task<ApiAnswer> ApiGet(string target, CancellationToken cancellationToken);

/// <summary>An answer and what has to be given back with it.</summary>
/// <param name="response">The answer.</param>
/// <param name="release">Run once at the end.</param>
public sealed class ApiAnswer(HttpResponseMessage response, Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>The answer.</summary>
    public HttpResponseMessage Response => response;

    /// <inheritdoc/>
    public void Dispose()
    {
        response.Dispose();
        Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}

/// <summary>What a reflector tells of its objects. Calls never overlap.</summary>
/// <typeparam name="T">The kind of objects.</typeparam>
public interface IReflection<in T>
{
    /// <summary>These are all objects.</summary>
    void Replace(IReadOnlyList<T> all);

    /// <summary>An object is there, or is different.</summary>
    void Put(T value);

    /// <summary>An object is gone.</summary>
    void Remove(T value);
}

/// <summary>How a <see cref="Reflector{T}"/> stands with its API server.</summary>
public enum ReflectorState
{
    /// <summary>The first list is not there yet, or is not watched.</summary>
    Starting,

    /// <summary>What it has told is what the API server has.</summary>
    Live,

    /// <summary>The connection is lost or was never there; it tries again.</summary>
    Failing,

    /// <summary>The API server does not let it list or watch; it tries again, seldom.</summary>
    Forbidden,
}

/// <summary>
/// Keeps a copy of all objects of a kind: one list in pages, then a watch with bookmarks from the list's version on. When a watch ends,
/// the next goes on from the last version; on 410 and on errors it lists again, after a back-off with jitter.
/// </summary>
/// <typeparam name="T">The kind of objects, with the fields that are kept.</typeparam>
/// <param name="get">Asks the API server.</param>
/// <param name="path">The collection's path, without a query.</param>
/// <param name="itemInfo">Reads an object.</param>
/// <param name="listInfo">Reads a list.</param>
/// <param name="sink">What is told.</param>
/// <param name="time">The clock.</param>
public sealed class Reflector<T>(
    ApiGet get, string path, JsonTypeInfo<T> itemInfo, JsonTypeInfo<ApiList<T>> listInfo, IReflection<T> sink, TimeProvider time)
    where T : class, IApiObject
{
    private const int PageSize = 500;

    // 100,000 objects: ten times the Services that Kubernetes is made for (Kubernetes, considerations for large clusters).
    private const int MostPages = 200;
    private const long LongestPage = 64 * 1024 * 1024;
    private const long LongestList = 512 * 1024 * 1024;
    private const int LongestEvent = 8 * 1024 * 1024;
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _shortestWatch = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _firstOutcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ReflectorState _state;

    /// <summary>How it stands.</summary>
    public ReflectorState State => _state;

    /// <summary>Done when the first list is there and watched, or that has failed.</summary>
    public Task FirstOutcome => _firstOutcome.Task;

    /// <summary>What went wrong last; for logs, since it may name addresses.</summary>
    public string? Problem { get; private set; }

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = TimeSpan.Zero;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var version = await ListAsync(cancellationToken).ConfigureAwait(false);
                while (version is not null)
                {
                    var began = time.GetTimestamp();
                    version = await WatchAsync(version, cancellationToken).ConfigureAwait(false);
                    pause = TimeSpan.Zero;
                    if (version is null)
                    {
                        // What was told may be missing something, until the next list says otherwise.
                        _state = ReflectorState.Starting;
                    }

                    if (time.GetElapsedTime(began) < _shortestWatch)
                    {
                        await PauseAsync(_shortestWatch, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (ApiRefusedException refused)
            {
                Turn(refused.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized ? ReflectorState.Forbidden : ReflectorState.Failing, refused.Message);
            }
            catch (Exception exception)
            {
                // Whatever it was: what is in memory is not to be believed until the next list.
                Turn(ReflectorState.Failing, exception.Message);
            }

            if (_state is not ReflectorState.Live)
            {
                pause = Min(pause == TimeSpan.Zero ? _firstPause : pause * 2, _longestPause);
                await PauseAsync(pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Half to all of the time: many gateways must not come back at the same moment.</summary>
    private Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), time, cancellationToken);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private void Turn(ReflectorState state, string? problem)
    {
        Problem = problem;
        _state = state;
        _firstOutcome.TrySetResult();
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var all = new List<T>();
        var (next, left) = ("", LongestList);
        for (var pages = 0; pages < MostPages; pages++)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_answerLimit);
            var query = next.Length == 0 ? $"?limit={PageSize}" : $"?limit={PageSize}&continue={Uri.EscapeDataString(next)}";
            using var answer = await get(path + query, limit.Token).ConfigureAwait(false);
            Expect(answer.Response);
            using var body = new BoundedStream(await answer.Response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false), Math.Min(LongestPage, left));
            var page = await JsonSerializer.DeserializeAsync(body, listInfo, limit.Token).ConfigureAwait(false)
                ?? throw new InvalidDataException("the list is null");
            all.AddRange(page.Items ?? []);
            left -= body.Count;
            next = page.Metadata.Continue;
            if (next.Length == 0)
            {
                sink.Replace(all);
                return page.Metadata.ResourceVersion;
            }
        }

        throw new InvalidDataException($"the list has more than {MostPages} pages");
    }

    /// <summary>Watches until the watch ends.</summary>
    /// <returns>The version to go on from; null to list again.</returns>
    private async Task<string?> WatchAsync(string version, CancellationToken cancellationToken)
    {
        // The server ends it at this time; different for each, so that they do not all end together.
        var seconds = Random.Shared.Next(300, 600);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_answerLimit);
        using var answer = await get(
            $"{path}?watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={Uri.EscapeDataString(version)}", limit.Token).ConfigureAwait(false);
        if (answer.Response.StatusCode is HttpStatusCode.Gone)
        {
            return null;
        }

        Expect(answer.Response);
        // Not before: a list that nothing follows is old from its first moment on.
        Turn(ReflectorState.Live, null);
        // A server that forgets the end that it was asked for, or a connection that died without a word.
        limit.CancelAfter(TimeSpan.FromSeconds(seconds + 60));
        using var body = await answer.Response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
        var reader = PipeReader.Create(body);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(limit.Token).ConfigureAwait(false);
                var buffer = read.Buffer;
                while (TryCut(ref buffer, out var line))
                {
                    version = Tell(line, version) ?? "";
                    if (version.Length == 0)
                    {
                        return null;
                    }
                }

                if (buffer.Length > LongestEvent)
                {
                    throw new InvalidDataException($"an event is longer than {LongestEvent} bytes");
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    return version;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static bool TryCut(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    /// <summary>Passes one event on.</summary>
    /// <returns>The version after it; null when a new list is needed.</returns>
    private string? Tell(ReadOnlySequence<byte> line, string version)
    {
        if (line.IsEmpty)
        {
            return version;
        }

        using var document = JsonDocument.Parse(line);
        var type = document.RootElement.GetProperty("type").GetString();
        if (type is "ERROR")
        {
            return null;
        }

        var value = document.RootElement.GetProperty("object").Deserialize(itemInfo) ?? throw new InvalidDataException("an event without an object");
        switch (type)
        {
            case "ADDED" or "MODIFIED":
                sink.Put(value);
                break;
            case "DELETED":
                sink.Remove(value);
                break;
        }

        return value.Metadata.ResourceVersion;
    }

    private static void Expect(HttpResponseMessage response)
    {
        if (response.StatusCode is not HttpStatusCode.OK)
        {
            throw new ApiRefusedException(response.StatusCode);
        }
    }

    private sealed class ApiRefusedException(HttpStatusCode status) : Exception($"the API server answered {(int)status}")
    {
        public HttpStatusCode Status => status;
    }
}
