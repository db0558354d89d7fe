using System.Text.Json;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;

namespace Fairlead.FunctionalTests.Audit;

/// <summary>
/// A gateway with an audit file in front of clusters of every kind of outcome: <c>kind</c> (held credential), <c>own</c> (callers' own tokens), <c>down</c> (nobody listens),
/// and <c>twin</c> twice. Two machine callers: of the group <c>portal</c>, who may do everything but read Secrets, and <c>viewer</c>, who may read pods.
/// </summary>
internal sealed class AuditWorld : IAsyncDisposable
{
    /// <summary>The token of <c>viewer</c>.</summary>
    public const string ViewerToken = "viewer-token";

    /// <summary>What no record may hold: it stands in every query.</summary>
    public const string Sentinel = "SENTINEL";

    private readonly TempFolder _folder;
    private readonly RefusedPort _refused;

    private AuditWorld(TempFolder folder, RefusedPort refused, RawUpstream upstream, TestGateway gateway)
    {
        _folder = folder;
        _refused = refused;
        Upstream = upstream;
        Gateway = gateway;
    }

    public RawUpstream Upstream { get; }

    public TestGateway Gateway { get; }

    public string AuditFile => FileIn(_folder);

    public static async Task<AuditWorld> StartAsync(Func<AuditOptions, AuditOptions>? audit = null, TimeProvider? time = null)
    {
        var (folder, refused, upstream) = (new TempFolder(), new RefusedPort(), new RawUpstream());
        var options = TestGateway.Options();
        return new AuditWorld(folder, refused, upstream, await TestGateway.StartAsync(
            options with
            {
                ClusterLocators =
                [
                    new ClusterLocator.Config("config",
                        [TestCluster.Held("kind", upstream.Url), TestCluster.ClientSide("own", upstream.Url, "passThrough"), TestCluster.Held("down", $"http://127.0.0.1:{refused.Port}"), TestCluster.Held("twin", upstream.Url)]),
                    new ClusterLocator.Config("other", [TestCluster.Held("twin", upstream.Url) with { Locator = "other" }]),
                ],
                Auth = new AuthOptions { Static = [.. options.Auth!.Static, TestGateway.Caller("viewer", ViewerToken, "viewers")] },
                AccessRules =
                [
                    new AccessRule { Label = "no-secrets", Denies = true, Groups = ["*"], Clusters = ["*"], Namespaces = ["*"], Resources = ["secrets"], Verbs = ["*"] },
                    TestGateway.AllowAll with { Label = "everything" },
                    new AccessRule { Label = "viewers", Groups = ["viewers"], Clusters = ["kind"], Namespaces = ["*"], Resources = ["pods"], Verbs = ["get", "list"] },
                ],
                Audit = (audit ?? (static given => given))(new AuditOptions { File = FileIn(folder) }),
            },
            time: time));
    }

    /// <summary>The port for that protocol's client.</summary>
    public int Port(WireProtocol protocol) => protocol is WireProtocol.Http11 ? Gateway.Port : Gateway.TlsPort;

    /// <summary>Sends a request on a connection of its own, and reads the whole answer.</summary>
    public Task<RawResponse> SendAsync(WireProtocol protocol, RawRequest request) => WireClient.ExchangeAsync(protocol, Port(protocol), request);

    /// <summary>A request at a door, by somebody with that token.</summary>
    public static RawRequest Request(EitherDoor door, string method, string path, string cluster = "kind", string? token = TestGateway.Token)
    {
        var bare = door.Bare(new RawRequest(method, path), cluster);
        return token is null ? bare : bare.WithBearer(token);
    }

    /// <summary>The one record of requests for that path that are over.</summary>
    public async Task<JsonElement> RecordOfAsync(string path)
    {
        IReadOnlyList<JsonElement> found = [];
        await Eventually.BeTrueAsync(() => (found = [.. AuditEvents.In(AuditFile).Where(record => record.Target().Contains(path, StringComparison.Ordinal))]).Count > 0, $"a record of {path}");
        return found.Single();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        _refused.Dispose();
        _folder.Dispose();
    }

    private static string FileIn(TempFolder folder) => folder.PathOf("audit.log");
}
