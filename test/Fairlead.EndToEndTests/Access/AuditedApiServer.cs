using System.Text.Json;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Testing;
using Fairlead.Testing.Access;
using Fairlead.Testing.Clients;

namespace Fairlead.EndToEndTests.Access;

/// <summary>A real kube-apiserver that writes down what it takes each request for; started when the first test asks for it.</summary>
public sealed class AuditedApiServer : IAsyncDisposable
{
    private const string Policy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
        - level: Metadata
        """;

    private readonly TempFolder _folder = new();
    private readonly Lazy<Task<KubeApiServer>> _server;

    /// <summary>Starts nothing yet.</summary>
    public AuditedApiServer() => _server = new(() => KubeApiServer.StartAsync(
        $"--audit-policy-file={_folder.Write("policy.yaml", Policy)}", $"--audit-log-path={Log}", "--audit-log-mode=blocking-strict"));

    private string Log => _folder.PathOf("audit.log");

    /// <summary>The server.</summary>
    internal Task<KubeApiServer> StartAsync() => _server.Value;

    /// <summary>Waits for the event of a request that has been sent with this <c>Audit-ID</c> (the last one, where a request has several stages).</summary>
    internal async Task<JsonElement> EventAsync(string id)
    {
        JsonElement? found = null;
        await Eventually.BeTrueAsync(
            () => (found = Events().LastOrDefault(entry => string.Equals(entry.GetProperty("auditID").GetString(), id, StringComparison.Ordinal)) is { ValueKind: JsonValueKind.Object } entry ? entry : null) is not null,
            "the request is in the audit log");
        return found!.Value;
    }

    /// <summary>Waits for the events of requests that have been sent with these <c>Audit-ID</c>s, and gives them in that order.</summary>
    internal async Task<IReadOnlyList<JsonElement>> EventsAsync(IReadOnlyList<string> ids)
    {
        Dictionary<string, JsonElement> found = [];
        await Eventually.BeTrueAsync(
            () =>
            {
                found = Events().GroupBy(static entry => entry.GetProperty("auditID").GetString()!, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.Last(), StringComparer.Ordinal);
                return ids.All(found.ContainsKey);
            },
            "every request is in the audit log");
        return [.. ids.Select(id => found[id])];
    }

    /// <summary>Sends the requests, straight and byte for byte, and reads what the server took them for.</summary>
    /// <param name="requests">The requests.</param>
    /// <returns>For each, the status of the answer and the audit event.</returns>
    internal async Task<IReadOnlyList<(RequestCase Request, int Status, AuditedAction Action)>> SendAsync(IReadOnlyList<RequestCase> requests)
    {
        var server = await _server.Value;
        var sent = new List<(RequestCase Request, string Id, int Status)>();
        foreach (var request in requests)
        {
            var id = Guid.NewGuid().ToString();
            sent.Add((request, id, await SendAsync(server, request, id)));
        }

        Dictionary<string, AuditedAction> actions = [];
        await Eventually.BeTrueAsync(
            () =>
            {
                actions = Read();
                return sent.TrueForAll(request => actions.ContainsKey(request.Id));
            },
            "every request is in the audit log");
        return [.. sent.Select(request => (request.Request, request.Status, actions[request.Id]))];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _server.Value).DisposeAsync();
        }

        _folder.Dispose();
    }

    private static async Task<int> SendAsync(KubeApiServer server, RequestCase request, string id)
    {
        var raw = (request.IsUpgrade ? RawRequest.WebSocket(request.Target, "v5.channel.k8s.io") : new RawRequest(request.Method, request.Target))
            .WithBearer(server.AdminToken).With("Audit-ID", id);
        await using var client = await RawClient.ConnectAsync(server.Server.Port, new RawTls());
        return (await client.SendAsync(raw)).Status;
    }

    private Dictionary<string, AuditedAction> Read()
    {
        var actions = new Dictionary<string, AuditedAction>(StringComparer.Ordinal);
        foreach (var entry in Events())
        {
            actions[entry.GetProperty("auditID").GetString()!] = AuditedAction.Of(entry);
        }

        return actions;
    }

    private List<JsonElement> Events()
    {
        using var stream = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        // What follows the last line feed may still be being written.
        return [.. reader.ReadToEnd().Split('\n')[..^1].Select(static line => JsonSerializer.Deserialize<JsonElement>(line))];
    }
}
