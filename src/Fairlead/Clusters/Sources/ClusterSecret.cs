using System.Buffers.Text;
using System.Text;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Clusters.Sources;

/// <summary>What a Secret says of a cluster.</summary>
internal abstract record ClusterSecret
{
    private ClusterSecret()
    {
    }

    /// <summary>Nothing, and that is as it should be.</summary>
    public sealed record Unrelated : ClusterSecret;

    /// <summary>Nothing that makes sense.</summary>
    /// <param name="Fault">Why; never a value.</param>
    public sealed record Broken(string Fault) : ClusterSecret;

    /// <summary>A cluster.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Connection">How it is reached.</param>
    /// <param name="Credential">The credential for it.</param>
    /// <param name="Problem">Why it cannot be used all the same; null when it can. Never a value.</param>
    public sealed record Described(string Name, ClusterConnection Connection, CredentialDefinition Credential, string? Problem) : ClusterSecret;

    /// <summary>A value of a Secret as text; null where there is none.</summary>
    public static string? Text(SecretObject secret, string key) =>
        secret.Data?.GetValueOrDefault(key) is { Length: > 0 } data && Base64.IsValid(data) ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : null;
}
