using System.Net;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Clusters.Sources;

/// <summary>Reads the Secrets of a cluster that describe clusters, with the account that the gateway has there.</summary>
/// <param name="locator">The source.</param>
/// <param name="clusters">The clusters of the gateway.</param>
internal sealed class ClusterSecretsSource(ClusterLocator.ClusterSecrets locator, ClusterFinder clusters)
{
    private const int PageSize = 200;
    private const int MostPages = 100;
    private const long LongestList = 128 * 1024 * 1024;

    private readonly string _place = locator.Cluster is { } name ? $"cluster '{NodePath.Printable(name)}'" : "the cluster that the gateway runs in";

    /// <summary>Reads them.</summary>
    /// <exception cref="ClusterSourceException">They cannot be read.</exception>
    public async Task<ClusterSourceResult> ReadAsync(CancellationToken cancellationToken)
    {
        // One of its own clusters under the same name must not keep the source from ever being read again.
        var holder = clusters.Find(locator.Cluster, exceptOf: locator.Name) ?? throw new ClusterSourceException($"cannot be read: there is no single {_place}; look at the key cluster, a qualified name is never ambiguous");
        var (found, problems) = (new List<ClusterDefinition>(), new List<string>());
        var first = $"{(locator.Namespace is { } one ? $"/api/v1/namespaces/{one}/secrets" : "/api/v1/secrets")}?labelSelector={Uri.EscapeDataString(locator.LabelSelector)}&limit={PageSize}";
        var (target, length) = (first, 0L);
        for (var pages = 0; pages < MostPages && length < LongestList; pages++)
        {
            var (list, bytes) = await PageAsync(holder, target, cancellationToken);
            foreach (var secret in list.Items ?? [])
            {
                Read(secret, found, problems);
            }

            if (list.Metadata.Continue.Length == 0)
            {
                return new ClusterSourceResult(found, problems);
            }

            target = $"{first}&continue={Uri.EscapeDataString(list.Metadata.Continue)}";
            length += bytes;
        }

        throw new ClusterSourceException($"has more than {MostPages * PageSize} Secrets or {LongestList >> 20} MiB of them, or pages without end");
    }

    private async Task<(ApiList<SecretObject> List, long Length)> PageAsync(Cluster holder, string target, CancellationToken cancellationToken)
    {
        var answer = await holder.Api.GetAsync(target, null, ApiJson.Default.ApiListSecretObject, ClusterApi.LongestPage).WaitAsync(cancellationToken);
        return answer.Value is { } list ? (list, answer.Length)
            : throw new ClusterSourceException(answer.Status is HttpStatusCode.Forbidden
                ? $"cannot be read: the gateway's account at {_place} may not list Secrets{(locator.Namespace is { } here ? $" in {here}" : " in all namespaces; with the key namespace one is enough")}"
                : $"cannot be read at {_place}: {answer.Problem ?? "no answer"}");
    }

    private void Read(SecretObject secret, List<ClusterDefinition> found, List<string> problems)
    {
        var (name, place) = (secret.Metadata?.Name ?? "", secret.Metadata?.Namespace ?? "");
        var before = found.Count;
        var fault = Read(secret) switch
        {
            ClusterSecret.Unrelated => null,
            ClusterSecret.Broken broken => broken.Fault,
            ClusterSecret.Described { Name: var cluster } when !ClusterNames.IsUsable(cluster) => $"the cluster's name {ClusterNames.Rule}",
            ClusterSecret.Described described => Add(found, described, place),
            _ => null,
        };
        if (fault is not null)
        {
            problems.Add($"Secret {NodePath.Printable(place)}/{NodePath.Printable(name)} {(found.Count == before ? "is ignored" : found[^1].Problem is null ? "gives a cluster that only callers with a cluster token of their own reach" : "gives a cluster that cannot be used")}: {fault}");
        }
    }

    private ClusterSecret Read(SecretObject secret) => locator.Format is ClusterSecretFormat.ArgoCd ? ArgoCdSecret.Read(secret) : ClusterApiSecret.Read(secret);

    private string? Add(List<ClusterDefinition> found, ClusterSecret.Described described, string place)
    {
        found.Add(new ClusterDefinition
        {
            Locator = locator.Name,
            Scope = place,
            Name = described.Name,
            Connection = described.Connection,
            Credential = described.Credential,
            Problem = described.Problem,
        });
        return described.Problem ?? (described.Credential as CredentialDefinition.Unavailable)?.Problem;
    }
}
