using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Demo.Storage;

namespace Fairlead.Demo.Serving;

/// <summary>A watch: events as lines, each flushed at once.</summary>
internal sealed class WatchStream(ObjectStore store, ApiRequest request)
{
    private readonly Selectors _selectors = new(request.Query("labelSelector"), request.Query("fieldSelector"));
    private readonly bool _tables = Tables.Wanted(request.Http);
    private bool _columnsSent;

    /// <summary>Runs until the client leaves or the time that it asked for is over.</summary>
    public async Task RunAsync()
    {
        var http = request.Http;
        var asked = request.Query("resourceVersion");
        var fromList = asked is "" or "0";
        var (items, version) = store.List(request.Type, request.Namespace);
        var channel = store.Watch(fromList ? version : long.Parse(asked, CultureInfo.InvariantCulture));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        if (int.TryParse(request.Query("timeoutSeconds"), CultureInfo.InvariantCulture, out var seconds))
        {
            end.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        try
        {
            http.Response.ContentType = "application/json";
            await http.Response.Body.FlushAsync(end.Token);
            if (fromList || request.IsTrue("sendInitialEvents"))
            {
                foreach (var item in items.Where(_selectors.Match))
                {
                    await SendAsync("ADDED", item, end.Token);
                }

                if (request.IsTrue("sendInitialEvents"))
                {
                    await BookmarkAsync(version, end.Token);
                }
            }

            await foreach (var happened in channel.Reader.ReadAllAsync(end.Token))
            {
                await SendAsync(happened, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client has left, or its time is over: the stream ends cleanly, as a real server's does.
        }
        finally
        {
            store.Unwatch(channel);
        }
    }

    private Task SendAsync(StoreEvent happened, CancellationToken cancellationToken)
    {
        var home = happened.Object["metadata"]!["namespace"]?.GetValue<string>() ?? "";
        if (happened.Resource != request.Type || (request.Namespace.Length > 0 && !string.Equals(home, request.Namespace, StringComparison.Ordinal)))
        {
            return Task.CompletedTask;
        }

        var now = _selectors.Match(happened.Object);
        var before = happened.Previous is { } previous && _selectors.Match(previous);
        var type = happened.Type is "DELETED" ? (before ? "DELETED" : null)
            : now ? (before ? "MODIFIED" : "ADDED")
            : before ? "DELETED" : null;
        return type is null ? Task.CompletedTask : SendAsync(type, happened.Object, cancellationToken);
    }

    private Task SendAsync(string type, JsonObject value, CancellationToken cancellationToken)
    {
        JsonNode body = value.DeepClone();
        if (_tables)
        {
            body = Tables.Of(request.Type, [value], new JsonObject { ["resourceVersion"] = value["metadata"]!["resourceVersion"]!.DeepClone() }, !_columnsSent);
            _columnsSent = true;
        }

        return WriteAsync(type, body, cancellationToken);
    }

    private Task BookmarkAsync(long version, CancellationToken cancellationToken) => WriteAsync(
        "BOOKMARK",
        new JsonObject
        {
            ["kind"] = request.Type.Kind,
            ["apiVersion"] = request.Type.ApiVersion,
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture),
                ["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" },
            },
        },
        cancellationToken);

    private async Task WriteAsync(string type, JsonNode body, CancellationToken cancellationToken)
    {
        await request.Http.Response.WriteAsync(new JsonObject { ["type"] = type, ["object"] = body }.ToJsonString() + "\n", cancellationToken);
        await request.Http.Response.Body.FlushAsync(cancellationToken);
    }
}
