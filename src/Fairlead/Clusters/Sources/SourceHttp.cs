using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fairlead.Callers.Tokens;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Clusters.Sources;

/// <summary>Asks APIs that list clusters, over connections that are kept from one question to the next.</summary>
internal sealed class SourceHttp
{
    private const int LargestAnswer = 32;
    private readonly ConcurrentDictionary<string, IssuerHttp> _connections = new(StringComparer.Ordinal);

    /// <summary>Asks for a document.</summary>
    /// <param name="url">Where.</param>
    /// <param name="caFile">The authorities that the server's certificate is checked against; null for those of the system.</param>
    /// <param name="token">The bearer token; null for none.</param>
    /// <param name="advice">Which keys to look at where the answer is 401 or 403.</param>
    /// <param name="info">Reads the document.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The document, and how many bytes it came in.</returns>
    /// <exception cref="ClusterSourceException">There is no such document.</exception>
    public async Task<(T Document, int Length)> GetAsync<T>(Uri url, string? caFile, Secret? token, string advice, JsonTypeInfo<T> info, CancellationToken cancellationToken)
        where T : class
    {
        var http = _connections.GetOrAdd(caFile ?? "", static (file, own) => new IssuerHttp(own, skipVerify: false, LargestAnswer), caFile);
        var reply = await http.GetAsync(url, token is null ? null : $"Bearer {token.Reveal()}", cancellationToken);
        var place = url.GetLeftPart(UriPartial.Path);
        if (reply.Problem is { } problem)
        {
            throw new ClusterSourceException($"cannot be asked at {place}: {problem}");
        }

        if ((int)reply.Status is 401 or 403)
        {
            throw new ClusterSourceException($"answers {(int)reply.Status} at {place}: {(token is null ? "it was asked without a token" : "the token is not accepted there")}; look at {advice}");
        }

        if ((int)reply.Status != 200)
        {
            throw new ClusterSourceException($"answers {(int)reply.Status} at {place}");
        }

        try
        {
            return (JsonSerializer.Deserialize(reply.Body, info) ?? throw new JsonException(), reply.Body.Length);
        }
        catch (JsonException exception)
        {
            // The parser's own message repeats what was read, so it is not shown.
            throw new ClusterSourceException($"answers at {place} with something that is no list of clusters", exception);
        }
    }
}
