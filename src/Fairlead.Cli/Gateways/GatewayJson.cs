using System.Text.Json.Serialization;

namespace Fairlead.Cli.Gateways;

/// <summary>What <c>GET /auth/cli</c> gives.</summary>
/// <param name="Providers">Where people can sign in.</param>
internal sealed record LoginOffer(IReadOnlyList<LoginProvider>? Providers);

/// <summary>An identity provider, and the client that this program is there.</summary>
/// <param name="Name">What the gateway calls it.</param>
/// <param name="Issuer">Its issuer.</param>
/// <param name="ClientId">The client's id.</param>
/// <param name="ClientSecret">What some providers ask of programs on people's machines too; no secret.</param>
/// <param name="Scopes">What is asked for.</param>
/// <param name="RedirectUrl">Where codes come back to, on loopback; without a port the system chooses one.</param>
internal sealed record LoginProvider(string? Name, string? Issuer, string? ClientId, string? ClientSecret, IReadOnlyList<string>? Scopes, string? RedirectUrl);

/// <summary>What <c>GET /clusters</c> gives.</summary>
/// <param name="Items">The clusters.</param>
internal sealed record ClusterList(IReadOnlyList<ListedCluster>? Items);

/// <summary>A cluster.</summary>
/// <param name="Name">Its name as it stands in the cluster door's path.</param>
internal sealed record ListedCluster(string? Name);

/// <summary>What <c>GET /auth/me</c> gives.</summary>
/// <param name="Name">The caller's name, as access rules know it.</param>
internal sealed record Whoami(string? Name);

/// <summary>Why the gateway refuses: a <c>metav1.Status</c>, or Backstage's shape.</summary>
/// <param name="Message">The reason of a <c>metav1.Status</c>.</param>
/// <param name="Error">The reason in Backstage's shape.</param>
internal sealed record GatewayRefusal(string? Message, GatewayRefusalError? Error);

/// <summary><c>error</c> in Backstage's shape.</summary>
/// <param name="Message">The reason.</param>
internal sealed record GatewayRefusalError(string? Message);

/// <summary>Source-generated serialisers of what a gateway says.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoginOffer))]
[JsonSerializable(typeof(ClusterList))]
[JsonSerializable(typeof(Whoami))]
[JsonSerializable(typeof(GatewayRefusal))]
internal sealed partial class GatewayJson : JsonSerializerContext;
