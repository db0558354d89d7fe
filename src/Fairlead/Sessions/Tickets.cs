using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Callers;
using Fairlead.Limits;

namespace Fairlead.Sessions;

/// <summary>
/// One WebSocket, once, within seconds (contract F35 b): a browser can put no header on it, and the page that opens it may be somebody else's code.
/// A class, since a record would print its tokens.
/// </summary>
internal sealed class Ticket
{
    /// <summary>The cluster's qualified name.</summary>
    public required string Cluster { get; init; }

    /// <summary>The path below the door, with its query where the caller gave one.</summary>
    public required string Path { get; init; }

    /// <summary>The caller's name; null for somebody whom only the cluster knows.</summary>
    public string? Subject { get; init; }

    /// <summary>The caller's groups.</summary>
    public string[] Groups { get; init; } = [];

    /// <summary>What tells the caller apart from others of the same name.</summary>
    public string? Uid { get; init; }

    /// <summary>The claims of the caller that are kept.</summary>
    public Dictionary<string, string[]> Claims { get; init; } = [];

    /// <summary>By what the caller was known.</summary>
    public LoginKind Login { get; init; }

    /// <summary>The upstream <c>Authorization</c> of the caller's own token; null where the gateway's credential travels.</summary>
    public string? Authorization { get; init; }

    /// <summary>The caller's own token of the portal, which is asked when the ticket is used; null where nobody asks.</summary>
    public string? PortalToken { get; init; }

    /// <summary>The key of the browser session that the ticket came out of: it ends with it.</summary>
    public string? Session { get; init; }

    /// <summary>When what the caller showed expires.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The caller.</summary>
    public Caller Caller => Subject is null ? Caller.ClusterTokenHolder.Instance : new Caller.Portal(Subject, Groups)
    {
        Uid = Uid,
        Claims = Claims.ToDictionary(static claim => claim.Key, static claim => (IReadOnlyList<string>)claim.Value, StringComparer.Ordinal),
    };

    /// <summary>Whether the ticket is for what a request asks for: the same path, and the same query where the ticket has one.</summary>
    /// <param name="target">Path and query below the door.</param>
    public bool IsFor(ReadOnlySpan<char> target)
    {
        var question = target.IndexOf('?');
        return target.SequenceEqual(Path) || (!Path.Contains('?', StringComparison.Ordinal) && question >= 0 && target[..question].SequenceEqual(Path));
    }
}

/// <summary>Issues and takes tickets.</summary>
/// <param name="store">Where they are kept until they are used.</param>
/// <param name="time">The clock.</param>
internal sealed class Tickets(ISessionStore store, TimeProvider time)
{
    /// <summary>The longest token of a cluster that a ticket carries.</summary>
    public const int LongestToken = 16 * 1024;

    /// <summary>How long a ticket is good for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private const string Purpose = "ticket";
    private const int AtOnce = 60;
    private const int PerSecond = 5;
    private const int MostCallers = 4096;

    private readonly Budget<TokenHash> _budget = new(AtOnce, PerSecond, MostCallers, time);

    /// <summary>Whether a caller may have another ticket: one caller takes no place from others.</summary>
    /// <param name="caller">What the caller is known by.</param>
    public bool MayIssue(TokenHash caller) => _budget.TryTake(caller);

    /// <summary>Makes a ticket.</summary>
    public ValueTask<StoreAnswer<OpaqueKey>> IssueAsync(Ticket ticket, CancellationToken cancellationToken) =>
        store.PutOnceAsync(Purpose, JsonSerializer.SerializeToUtf8Bytes(ticket, TicketJson.Default.Ticket), Lifetime, cancellationToken);

    /// <summary>Takes a ticket, which is then gone.</summary>
    public async ValueTask<StoreAnswer<Ticket>> RedeemAsync(OpaqueKey key, CancellationToken cancellationToken)
    {
        var answer = await store.TakeOnceAsync(Purpose, key, cancellationToken);
        return answer.TryGet(out var bytes) && JsonSerializer.Deserialize(bytes, TicketJson.Default.Ticket) is { } ticket
            ? StoreAnswer.Done(ticket)
            : new StoreAnswer<Ticket>(answer.Status is StoreStatus.Done ? StoreStatus.NotFound : answer.Status);
    }
}

/// <summary>The source-generated serialiser of tickets.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Ticket))]
internal sealed partial class TicketJson : JsonSerializerContext;
