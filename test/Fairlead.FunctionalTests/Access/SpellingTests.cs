using AwesomeAssertions;
using CsCheck;
using Fairlead.Configuration;
using Fairlead.Testing.Access;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Access;

/// <summary>
/// No header, path or query spelling changes the decision without changing the bytes that are forwarded: what arrives upstream is allowed as a port of Kubernetes'
/// own parser reads it there, and headers change neither that nor what arrives.
/// </summary>
public sealed class SpellingTests : IAsyncLifetime
{
    private const string CaseHeader = "X-Case";

    private static readonly string[] _methods = ["get", "head"];

    private static readonly (string Name, string Value)[] _headers =
    [
        ("X-HTTP-Method-Override", "DELETE"), ("X-HTTP-Method", "PUT"), ("X-Method-Override", "POST"), ("X-Original-URL", "/api/v1/namespaces/n/secrets"), ("X-Rewrite-URL", "/api/v1/secrets"),
        ("X-Original-URI", "/healthz"), ("X-Forwarded-Prefix", "/clusters/kind"), ("X-Forwarded-Path", "/healthz"), ("X-Forwarded-Uri", "/healthz"), ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Proto", "https"), ("Forwarded", "for=127.0.0.1;host=evil.example"), ("X-Real-IP", "127.0.0.1"), ("X-Remote-User", "admin"),
        ("X-Remote-Group", "system:masters"), ("X_Remote_User", "admin"), ("X-Remote-Extra-Scopes", "all"), ("X-Forwarded-User", "admin"), ("X-Auth-Request-User", "admin"), ("X-Kubernetes-Cluster", "other"),
        ("X-BACKSTAGE-TOKEN", "x"), ("X-HEADLAMP-USER-ID", "u1"), ("KUBECONFIG", "x"), ("Connection", "Authorization"), ("Connection", "keep-alive, X-Forwarded-For, Impersonate-User"), ("Connection", "Host"),
        ("Impersonate-User", "admin"), ("impersonate-group", "system:masters"), ("Impersonate-Uid", "1"), ("Impersonate-Extra-x", "y"), ("Impersonate_User", "admin"), ("Impersonate-Future", "x"),
        ("Backstage-Kubernetes-Cluster", "other"), ("backstage-kubernetes-cluster", "kind"), ("Backstage-Kubernetes-Authorization-oidc-x", "y"), ("Authorization", "Basic eDp5"), ("authorization", "Bearer other"),
        ("Proxy-Authorization", "Bearer x"), ("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"), ("Accept", "application/vnd.kubernetes.protobuf"), ("Content-Type", "application/apply-patch+yaml"),
        ("Upgrade", "websocket"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA"), ("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.b3RoZXI"), ("Origin", "https://evil.example"),
        ("Cookie", "fairlead-session=x; __Host-fairlead-session=y"), ("Range", "bytes=0-0"), ("Expect", "x"), ("TE", "trailers"), ("Trailer", "Impersonate-User"), ("Max-Forwards", "0"), ("Via", "1.1 x"), ("Warning", "x"), ("X-Odd", "a\tb"),
    ];

    private readonly RawUpstream _upstream = new();
    private TestGateway _gateway = null!;
    private int _count;
    private int _forwarded;

    public async ValueTask InitializeAsync()
    {
        var options = TestGateway.Options(TestCluster.Held("kind", _upstream.Url), TestCluster.Held("other", _upstream.Url));
        _gateway = await TestGateway.StartAsync(options with
        {
            AccessRules =
            [
                new AccessRule { Groups = ["portal"], Clusters = ["kind"], Namespaces = ["n"], Resources = ["pods", "deployments.apps", "services/proxy"], Verbs = ["get", "list"] },
                new AccessRule { Groups = ["portal"], Clusters = ["kind"], NonResourceUrls = ["/healthz"], Verbs = ["get"] },
                new AccessRule { Groups = ["portal"], Clusters = ["*"], Namespaces = ["*"], Resources = ["secrets", "secrets/*"], Verbs = ["*"], Denies = true },
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task T100_T102_T115_No_header_path_or_query_changes_the_decision_without_changing_the_bytes()
    {
        var target = Gen.Frequency((3, Pick.From("/api/v1/namespaces/n/pods", "/api/v1/namespaces/n/pods/p", "/apis/apps/v1/namespaces/n/deployments", "/healthz", "/api/v1/namespaces/n/services/s/proxy/x", "/version")), (4, Spellings.Path));
        var headers = Gen.Frequency((1, Gen.Const(Array.Empty<(string Name, string Value)>())), (6, Pick.From(_headers).Array[1, 4]));
        await Gen.Select(Pick.From("/clusters/kind", "/api/kubernetes/proxy"), target, Spellings.Query, Spellings.Method, headers).SampleAsync(CheckAsync, iter: 6_000, threads: 1);

        _forwarded.Should().BeGreaterThan(100, "without that the property would hold for a gateway that refuses everything");
    }

    private async Task CheckAsync(string door, string path, string query, string method, (string Name, string Value)[] headers)
    {
        var plain = new RawRequest(method, door + path + query).WithBearer(TestGateway.Token);
        plain = door is "/clusters/kind" ? plain : plain.With("Backstage-Kubernetes-Cluster", "kind");
        var (bareStatus, bare) = await SendAsync(plain);
        var (status, decorated) = await SendAsync(headers.Aggregate(plain, static (request, header) => request.With(header.Name, header.Value)));

        foreach (var seen in new[] { bare, decorated }.OfType<RecordedRequest>())
        {
            IsAllowed(seen).Should().BeTrue("{0} {1} has arrived", seen.Method, seen.Target);
            seen.Headers("Authorization").Should().Equal("Bearer SA");
            seen.ToString().Should().NotContainAny("Impersonate", "X-Remote", "other", "admin", "system:masters");
        }

        if (decorated is not null)
        {
            bare.Should().NotBeNull("headers make nothing legal");
            (decorated.Method, decorated.Target).Should().Be((bare!.Method, bare.Target));
            Interlocked.Increment(ref _forwarded);
        }
        else
        {
            status.Should().BeInRange(400, 505);
        }

        if (bare is null && bareStatus == 403)
        {
            // An allow rule speaks of other paths as they are written: another spelling is refused.
            IsAllowedByPath(method, path + query, resourcesOnly: true).Should().BeFalse("it was refused");
        }
    }

    private async Task<(int Status, RecordedRequest? Seen)> SendAsync(RawRequest request)
    {
        var id = $"{++_count}";
        var before = _upstream.Requests.Count;
        var response = await RawClient.ExchangeAsync(_gateway.Port, request.With(CaseHeader, id));
        var seen = _upstream.Requests.Skip(before).ToArray();
        seen.Should().HaveCountLessThanOrEqualTo(1);
        return (response.Status, seen.FirstOrDefault());
    }

    private static bool IsAllowed(RecordedRequest seen) => IsAllowedByPath(seen.Method, seen.Target);

    /// <summary>The rules once more, over what an API server takes the request for.</summary>
    private static bool IsAllowedByPath(string method, string target, bool resourcesOnly = false)
    {
        if (GoTarget.Parse(target, hasQueryLimit: true) is not { } read)
        {
            // What the server cannot read it answers with 400, whatever it is.
            return !resourcesOnly;
        }

        var info = RequestInfo.Parse(method, read);
        return info.IsResourceRequest
            ? info is { Namespace: "n", Verb: "get" or "list" } && (info.ApiGroup, info.Resource, info.Subresource) is ("", "pods", "") or ("apps", "deployments", "") or ("", "services", "proxy")
            : !resourcesOnly && _methods.Contains(info.Verb, StringComparer.Ordinal)
                && (info.Path is "/healthz" && info.Verb is "get" || new[] { "/api", "/apis", "/openapi", "/version" }.Any(root => string.Equals(info.Path, root, StringComparison.Ordinal) || info.Path.StartsWith(root + "/", StringComparison.Ordinal)));
    }
}
