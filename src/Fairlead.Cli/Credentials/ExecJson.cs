using System.Text.Json.Serialization;

namespace Fairlead.Cli.Credentials;

/// <summary>What a Kubernetes client takes from a credential plugin (<c>client.authentication.k8s.io/v1</c>).</summary>
/// <param name="ApiVersion"><c>apiVersion</c>.</param>
/// <param name="Kind"><c>kind</c>.</param>
/// <param name="Status">The credential.</param>
internal sealed record ExecCredential(string ApiVersion, string Kind, ExecStatus Status)
{
    /// <summary>The only version that is spoken: kubectl 1.22 and later.</summary>
    public const string Version = "client.authentication.k8s.io/v1";

    /// <summary>A token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="until">Until when a client may keep it; null where nobody says.</param>
    public static ExecCredential Of(string token, DateTimeOffset? until) =>
        new(Version, nameof(ExecCredential), new ExecStatus(token, until?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)));
}

/// <summary><c>status</c> of an <c>ExecCredential</c>.</summary>
/// <param name="Token">The bearer token.</param>
/// <param name="ExpirationTimestamp">Until when it may be kept; null where nobody says.</param>
internal sealed record ExecStatus(string Token, string? ExpirationTimestamp)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(ExecStatus);
}

/// <summary>What a Kubernetes client tells a plugin (<c>KUBERNETES_EXEC_INFO</c>).</summary>
/// <param name="Spec">What it says.</param>
internal sealed record ExecInfoDocument(ExecSpec? Spec);

/// <summary><c>spec</c> of what a plugin is told.</summary>
/// <param name="Interactive">Whether standard input is the person's terminal.</param>
/// <param name="Cluster">The cluster, where the kubeconfig says so (<c>provideClusterInfo</c>).</param>
internal sealed record ExecSpec(bool? Interactive, ExecCluster? Cluster);

/// <summary><c>spec.cluster</c> of what a plugin is told.</summary>
/// <param name="AuthorityData">The authorities of its certificate, PEM in Base64.</param>
internal sealed record ExecCluster([property: JsonPropertyName("certificate-authority-data")] string? AuthorityData);

/// <summary>Source-generated serialisers of the plugin protocol.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExecCredential))]
[JsonSerializable(typeof(ExecInfoDocument))]
internal sealed partial class ExecJson : JsonSerializerContext;
