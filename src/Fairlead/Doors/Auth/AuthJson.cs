using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fairlead.Doors.Auth;

/// <summary>What <c>POST /auth/handover</c> takes.</summary>
internal sealed record HandoverRequest(string? Host = null, string? Path = null);

/// <summary>What it gives.</summary>
/// <param name="Url">Where the browser goes, once.</param>
/// <param name="ExpiresIn">For how long, in seconds.</param>
internal sealed record HandoverAnswer(string Url, int ExpiresIn)
{
    /// <summary>Without the code.</summary>
    public override string ToString() => nameof(HandoverAnswer);
}

/// <summary>What <c>POST /auth/ticket</c> takes.</summary>
internal sealed record TicketRequest(string? Cluster = null, string? Path = null);

/// <summary>What it gives (contract F35).</summary>
internal sealed record TicketAnswer(string Ticket, int ExpiresInSeconds)
{
    /// <summary>Without the ticket.</summary>
    public override string ToString() => nameof(TicketAnswer);
}

/// <summary>What <c>POST /clusters/{c}/set-token</c> takes.</summary>
internal sealed record SetTokenRequest(string? Token = null)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(SetTokenRequest);
}

/// <summary>What <c>GET /auth/me</c> gives.</summary>
/// <param name="Name">The caller's name, as access rules know it.</param>
/// <param name="Groups">The caller's groups.</param>
/// <param name="Login">By what the caller is known: <c>static</c>, <c>jwt</c>, <c>backstage</c>, <c>session</c>, <c>clusterToken</c>.</param>
/// <param name="Email">The address, where a session's provider names one.</param>
/// <param name="Provider">The provider of a session.</param>
/// <param name="ExpiresAt">When the session or the token ends at the latest.</param>
internal sealed record MeAnswer(string Name, IReadOnlyList<string> Groups, string Login, string? Email, string? Provider, DateTimeOffset? ExpiresAt);

/// <summary>What <c>GET /clusters/{c}/me</c> gives (contract <c>headlamp.md</c> S18).</summary>
internal sealed record ClusterMeAnswer(string Username, string Email, IReadOnlyList<string> Groups, [property: JsonPropertyName("userInfoURL")] string UserInfoUrl);

/// <summary>What <c>POST /auth/logout</c> gives.</summary>
/// <param name="Redirect">Where the browser goes to sign out at the provider too; null where there is nothing to do.</param>
internal sealed record LogoutAnswer(string? Redirect);

/// <summary>What <c>GET /auth/cli</c> gives.</summary>
/// <param name="Providers">Where people can sign in on their own machines; the first one unless they choose.</param>
internal sealed record CommandLineAnswer(IReadOnlyList<CommandLineProvider> Providers);

/// <summary>A provider and the client that the command line is there.</summary>
/// <param name="Name">The provider's name in the configuration.</param>
/// <param name="Issuer">Its issuer.</param>
/// <param name="ClientId">A public client's id.</param>
/// <param name="ClientSecret">What some providers ask of public clients too; null for none.</param>
/// <param name="Scopes">What is asked for.</param>
/// <param name="RedirectUrl">Where codes come back to: http on loopback, without a port where the system may choose one.</param>
internal sealed record CommandLineProvider(string Name, string Issuer, string ClientId, string? ClientSecret, IReadOnlyList<string> Scopes, string RedirectUrl);

/// <summary>Source-generated serialisers of the session door.</summary>
[JsonSerializable(typeof(HandoverRequest))]
[JsonSerializable(typeof(HandoverAnswer))]
[JsonSerializable(typeof(TicketRequest))]
[JsonSerializable(typeof(TicketAnswer))]
[JsonSerializable(typeof(SetTokenRequest))]
[JsonSerializable(typeof(MeAnswer))]
[JsonSerializable(typeof(ClusterMeAnswer))]
[JsonSerializable(typeof(LogoutAnswer))]
[JsonSerializable(typeof(CommandLineAnswer))]
internal sealed partial class AuthJson : JsonSerializerContext
{
    /// <summary>Quotes stay readable: the answers are JSON with <c>nosniff</c>, never HTML.</summary>
    public static AuthJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
