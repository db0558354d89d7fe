using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Fairlead.Kubernetes.Watching;
using Fairlead.Testing;

namespace Fairlead.Kubernetes.Tests.Watching;

/// <summary>An API server whose every answer the test gives by hand.</summary>
internal sealed class ScriptedApi
{
    private readonly Channel<PendingGet> _asked = Channel.CreateUnbounded<PendingGet>();
    private int _lent;

    /// <summary>How many answers were given and not disposed of.</summary>
    public int Lent => Volatile.Read(ref _lent);

    public async Task<ApiAnswer> GetAsync(string target, CancellationToken cancellationToken)
    {
        var pending = new PendingGet(target);
        await _asked.Writer.WriteAsync(pending, cancellationToken);
        var response = await pending.Answer.Task.WaitAsync(cancellationToken);
        Interlocked.Increment(ref _lent);
        return new ApiAnswer(response, () => Interlocked.Decrement(ref _lent));
    }

    /// <summary>The next request.</summary>
    public async Task<PendingGet> NextAsync()
    {
        PendingGet? next = null;
        await Guard.RunAsync("a request of the reflector", async token => next = await _asked.Reader.ReadAsync(token), CancellationToken.None);
        return next!;
    }

    /// <summary>Whether a request is waiting that the test has not looked at.</summary>
    public bool HasRequest => _asked.Reader.TryPeek(out _);
}

/// <summary>A request that waits for its answer.</summary>
internal sealed class PendingGet(string target)
{
    public string Target => target;

    public TaskCompletionSource<HttpResponseMessage> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Answers whole.</summary>
    public void Reply(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        Answer.SetResult(new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") });

    /// <summary>Answers a list of Services.</summary>
    public void ReplyList(string version, string next, params string[] names) => Reply(
        $$"""{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"{{version}}","continue":"{{next}}"},"items":[{{string.Join(',', names.Select(static name => Event.Service(name, "1")))}}]}""");

    /// <summary>Could not be asked.</summary>
    public void Fail(Exception exception) => Answer.SetException(exception);

    /// <summary>Begins a watch.</summary>
    public OpenWatch Watch()
    {
        var watch = new OpenWatch();
        Answer.SetResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(watch.Body) });
        return watch;
    }
}

/// <summary>A watch that is under way.</summary>
internal sealed class OpenWatch
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));

    public Stream Body => _pipe.Reader.AsStream();

    public async Task SendAsync(params string[] lines) => await SendRawAsync(string.Concat(lines.Select(static line => line + "\n")));

    public async Task SendRawAsync(string text) => await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Ends as a server ends it whose time is up.</summary>
    public void End() => _pipe.Writer.Complete();

    /// <summary>Ends as a connection ends that is lost.</summary>
    public void Break() => _pipe.Writer.Complete(new IOException("the connection is lost"));
}

/// <summary>Objects and events as an API server writes them.</summary>
internal static class Event
{
    public static string Service(string name, string version) =>
        $$$"""{"kind":"Service","apiVersion":"v1","metadata":{"name":"{{{name}}}","namespace":"default","uid":"u-{{{name}}}","resourceVersion":"{{{version}}}"},"spec":{"type":"ClusterIP","clusterIP":"10.0.0.1","ports":[{"port":80}]}}""";

    public static string Of(string type, string name, string version) => $$"""{"type":"{{type}}","object":{{Service(name, version)}} }""";

    public static string Bookmark(string version) =>
        $$$"""{"type":"BOOKMARK","object":{"kind":"Service","apiVersion":"v1","metadata":{"resourceVersion":"{{{version}}}","creationTimestamp":null},"spec":{},"status":{"loadBalancer":{} } } }""";

    public static string Error(int code) =>
        $$$"""{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: 1 (2)","reason":"Expired","code":{{{code}}}}}""";
}

/// <summary>A clock that stands still: every wait on it is given to the test, which ends it.</summary>
internal sealed class HeldTime : TimeProvider
{
    private readonly Channel<HeldWait> _waits = Channel.CreateUnbounded<HeldWait>();
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public void Advance(TimeSpan span) => Interlocked.Add(ref _now, span.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var wait = new HeldWait(this, callback, state, dueTime);
        _waits.Writer.TryWrite(wait);
        return wait;
    }

    /// <summary>The next wait.</summary>
    public async Task<HeldWait> NextWaitAsync()
    {
        HeldWait? next = null;
        await Guard.RunAsync("a wait of the reflector", async token => next = await _waits.Reader.ReadAsync(token), CancellationToken.None);
        return next!;
    }

    /// <summary>Ends the next wait and says how long it was meant to be.</summary>
    public async Task<TimeSpan> PassAsync()
    {
        var wait = await NextWaitAsync();
        wait.End();
        return wait.DueTime;
    }
}

/// <summary>A wait on a clock that stands still.</summary>
internal sealed class HeldWait(HeldTime time, TimerCallback callback, object? state, TimeSpan dueTime) : ITimer
{
    public TimeSpan DueTime => dueTime;

    public void End()
    {
        time.Advance(dueTime);
        callback(state);
    }

    public bool Change(TimeSpan dueTime, TimeSpan period) => true;

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
