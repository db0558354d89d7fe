using Fairlead.Configuration;
using Fairlead.Testing.Upstreams;

namespace Fairlead.FunctionalTests.Sources;

/// <summary>A portal whose catalog holds what a test says. It may go away and come back at the same port.</summary>
internal sealed class CatalogPortal : IAsyncDisposable
{
    private readonly RawUpstream _upstream = new();
    private volatile string _entities = "";
    private volatile bool _isAway;

    /// <summary>Answers from now on.</summary>
    public CatalogPortal() => _upstream.OnConnection(async connection =>
    {
        while (await connection.ReadRequestAsync() is not null)
        {
            await connection.AnswerAsync(_isAway ? RawAnswer.Nothing() : RawAnswer.Json(200, $$"""{ "items": [{{_entities}}], "totalItems": 1, "pageInfo": {} }"""));
            if (_isAway)
            {
                return;
            }
        }
    });

    /// <summary>Whether it answers nobody.</summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>What it was asked.</summary>
    public IReadOnlyList<RecordedRequest> Requests => _upstream.Requests;

    /// <summary>The source that asks it often.</summary>
    public ClusterLocator.BackstageCatalog Locator => new("catalog", TimeSpan.FromMilliseconds(50))
    {
        Url = new Uri(_upstream.Url), Token = new("catalog-token"), AllowedHosts = ["127.0.0.1"],
    };

    /// <summary>The entities from now on.</summary>
    public void Holds(params string[] entities) => _entities = string.Join(',', entities);

    /// <summary>An entity whose callers bring a Google token.</summary>
    public static string Entity(string name, string url, string provider = "google") => $$"""
        { "apiVersion": "backstage.io/v1alpha1", "kind": "Resource", "metadata": { "name": "{{name}}", "namespace": "default", "annotations": {
          "kubernetes.io/api-server": "{{url}}", "kubernetes.io/api-server-certificate-authority": "", "kubernetes.io/auth-provider": "{{provider}}" } },
          "spec": { "type": "kubernetes-cluster" } }
        """;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _upstream.DisposeAsync();
}
