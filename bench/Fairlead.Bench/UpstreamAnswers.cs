using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace Fairlead.Bench;

/// <summary>
/// What the upstream answers. GET: a list of 1.8 KB, or as long as <c>size</c> says; with <c>watch</c> a stream; <c>bytes</c> sends so many. POST: 201 and what came, or 200 and nothing for a body that is
/// not JSON. WebSockets: what came. Reviews: an account that may impersonate and nothing else, and callers who may do everything. <c>/bench/...</c> is for the driver of a run.
/// </summary>
internal sealed class UpstreamAnswers(UpstreamWatches watches, UpstreamIdentity identity)
{
    private const int SmallSize = 1800;
    private static readonly byte[] _piece = new byte[256 * 1024];
    private readonly ConcurrentDictionary<int, byte[]> _lists = new();
    private readonly byte[] _small = List(SmallSize);

    /// <summary>Answers one request.</summary>
    public Task AnswerAsync(HttpContext http)
    {
        if (http.WebSockets.IsWebSocketRequest)
        {
            return EchoAsync(http);
        }

        if (http.Request.Path.StartsWithSegments("/bench", StringComparison.Ordinal, out var order))
        {
            return ObeyAsync(http, order);
        }

        if (HttpMethods.IsPost(http.Request.Method))
        {
            return TakeAsync(http);
        }

        if (!http.Request.QueryString.HasValue)
        {
            return SendAsync(http, _small);
        }

        http.Response.ContentType = "application/json";
        return http.Request.Query switch
        {
            var query when query.ContainsKey("watch") => watches.ServeAsync(http),
            var query when query.TryGetValue("size", out var size) => SendAsync(http, _lists.GetOrAdd(int.Parse(size.ToString(), CultureInfo.InvariantCulture), List)),
            var query when query.TryGetValue("bytes", out var bytes) => SendAsync(http, long.Parse(bytes.ToString(), CultureInfo.InvariantCulture)),
            _ => SendAsync(http, _small),
        };
    }

    private static async Task SendAsync(HttpContext http, byte[] body)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body);
    }

    private static async Task SendAsync(HttpContext http, long left)
    {
        http.Response.ContentLength = left;
        for (; left > 0; left -= _piece.Length)
        {
            await http.Response.Body.WriteAsync(_piece.AsMemory(0, (int)Math.Min(left, _piece.Length)), http.RequestAborted);
        }
    }

    private static async Task TakeAsync(HttpContext http)
    {
        if (http.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != true)
        {
            await http.Request.Body.CopyToAsync(Stream.Null, 256 * 1024, http.RequestAborted);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.ContentType = "application/json";
        var path = http.Request.Path.Value!;
        if (path.EndsWith("/selfsubjectrulesreviews", StringComparison.Ordinal))
        {
            await http.Response.WriteAsync("""{"status":{"resourceRules":[{"verbs":["impersonate"],"apiGroups":[""],"resources":["users","groups"]}],"nonResourceRules":[],"incomplete":false} }""");
        }
        else if (path.EndsWith("/selfsubjectaccessreviews", StringComparison.Ordinal))
        {
            await http.Response.WriteAsync("""{"status":{"allowed":true} }""");
        }
        else
        {
            http.Response.ContentLength = http.Request.ContentLength;
            await http.Request.Body.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
    }

    private static async Task EchoAsync(HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = http.WebSockets.WebSocketRequestedProtocols.FirstOrDefault() });
        var buffer = new byte[128 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), http.RequestAborted) is { MessageType: not WebSocketMessageType.Close } got)
            {
                await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, http.RequestAborted);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The client has gone.
        }
    }

    private Task ObeyAsync(HttpContext http, PathString order)
    {
        switch (order.Value)
        {
            case "/emit":
                watches.Emit();
                return Task.CompletedTask;
            case "/drop":
                watches.Drop();
                return Task.CompletedTask;
            case "/watches":
                return http.Response.WriteAsync(watches.Count.ToString(CultureInfo.InvariantCulture));
            case "/token":
                return http.Response.WriteAsync(identity.Token());
            case "/sign-in":
                return http.Response.WriteAsync(identity.SignIn(http.Request.Query["url"].ToString()));
            default:
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    private static byte[] List(int size)
    {
        var list = new StringBuilder("""{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[""");
        for (var i = 0; list.Length < size - 160; i++)
        {
            list.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$$"""{"metadata":{"name":"object-{{{i:00000}}}","namespace":"default","uid":"00000000-0000-0000-0000-{{{i:000000000000}}}","resourceVersion":"1"},"data":{"k":"v"} }""");
        }

        return Encoding.UTF8.GetBytes(list.Append(' ', size - list.Length - 2).Append("]}").ToString());
    }
}
