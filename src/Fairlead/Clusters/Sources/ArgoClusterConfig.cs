using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fairlead.Clusters.Sources;

/// <summary><c>config</c> of an Argo CD cluster Secret (Argo CD, declarative setup, clusters).</summary>
/// <param name="BearerToken">A token.</param>
/// <param name="Username">A user with a password.</param>
/// <param name="Password">The password.</param>
/// <param name="TlsClientConfig">Certificates.</param>
/// <param name="AwsAuthConfig">An EKS cluster.</param>
/// <param name="ExecProviderConfig">A program to run.</param>
/// <param name="ProxyUrl">The proxy to go through.</param>
internal sealed record ArgoClusterConfig(
    string? BearerToken = null,
    string? Username = null,
    string? Password = null,
    ArgoTlsConfig? TlsClientConfig = null,
    ArgoAwsConfig? AwsAuthConfig = null,
    JsonElement ExecProviderConfig = default,
    string? ProxyUrl = null)
{
    /// <summary>Without any value.</summary>
    public override string ToString() => nameof(ArgoClusterConfig);
}

/// <summary><c>tlsClientConfig</c>.</summary>
/// <param name="Insecure">Whether the server's certificate is accepted unseen.</param>
/// <param name="ServerName">The name in the server's certificate.</param>
/// <param name="CaData">PEM in base64.</param>
/// <param name="CertData">PEM in base64.</param>
/// <param name="KeyData">PEM in base64.</param>
internal sealed record ArgoTlsConfig(bool Insecure = false, string? ServerName = null, string? CaData = null, string? CertData = null, string? KeyData = null)
{
    /// <summary>Without any value.</summary>
    public override string ToString() => nameof(ArgoTlsConfig);
}

/// <summary><c>awsAuthConfig</c>.</summary>
/// <param name="ClusterName">The cluster's name at EKS.</param>
/// <param name="RoleArn">The role to assume.</param>
/// <param name="Profile">A file of credentials at Argo CD.</param>
internal sealed record ArgoAwsConfig(string? ClusterName = null, [property: JsonPropertyName("roleARN")] string? RoleArn = null, string? Profile = null);
