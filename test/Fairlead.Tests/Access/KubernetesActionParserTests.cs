using AwesomeAssertions;
using CsCheck;
using Fairlead.Access;
using Fairlead.Tests.Doors;
using Xunit;

namespace Fairlead.Tests.Access;

/// <summary>The first table follows the cases that Kubernetes itself checks its request info with.</summary>
public sealed class KubernetesActionParserTests
{
    [Theory]
    // method, target, verb, group, version, namespace, resource, sub-resource, name
    [InlineData("GET", "/api/v1/namespaces", "list", "", "v1", "", "namespaces", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other", "get", "", "v1", "other", "namespaces", "", "other")]
    [InlineData("GET", "/api/v1/namespaces/other/pods", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods/foo", "get", "", "v1", "other", "pods", "", "foo")]
    [InlineData("HEAD", "/api/v1/namespaces/other/pods/foo", "get", "", "v1", "other", "pods", "", "foo")]
    [InlineData("HEAD", "/api/v1/pods", "list", "", "v1", "", "pods", "", "")]
    [InlineData("GET", "/api/v1/pods", "list", "", "v1", "", "pods", "", "")]
    [InlineData("GET", "/api/v1/pods/", "list", "", "v1", "", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods/foo/", "get", "", "v1", "other", "pods", "", "foo")]
    [InlineData("POST", "/api/v1/pods", "create", "", "v1", "", "pods", "", "")]
    [InlineData("POST", "/api/v1/namespaces/other/pods", "create", "", "v1", "other", "pods", "", "")]
    [InlineData("PUT", "/api/v1/namespaces/other/pods/foo", "update", "", "v1", "other", "pods", "", "foo")]
    [InlineData("PATCH", "/api/v1/namespaces/other/pods/foo", "patch", "", "v1", "other", "pods", "", "foo")]
    [InlineData("DELETE", "/api/v1/namespaces/other/pods/foo", "delete", "", "v1", "other", "pods", "", "foo")]
    [InlineData("DELETE", "/api/v1/namespaces/other/pods", "deletecollection", "", "v1", "other", "pods", "", "")]
    [InlineData("DELETE", "/api/v1/nodes", "deletecollection", "", "v1", "", "nodes", "", "")]
    [InlineData("DELETE", "/api/v1/namespaces/foo", "delete", "", "v1", "foo", "namespaces", "", "foo")]
    [InlineData("GET", "/api/v1/nodes/n1", "get", "", "v1", "", "nodes", "", "n1")]
    // watches, new and legacy
    [InlineData("GET", "/api/v1/watch/pods", "watch", "", "v1", "", "pods", "", "")]
    [InlineData("GET", "/api/v1/watch/namespaces/other/pods", "watch", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/watch/namespaces/other/pods/foo", "watch", "", "v1", "other", "pods", "", "foo")]
    [InlineData("GET", "/api/v1/watch/namespaces", "watch", "", "v1", "", "namespaces", "", "")]
    [InlineData("GET", "/apis/apps/v1/watch/deployments", "watch", "apps", "v1", "", "deployments", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=1", "watch", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=true", "watch", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=TRUE", "watch", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=", "watch", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch", "watch", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=no", "watch", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?%77atch=1", "watch", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=false", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=False", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=0", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=0&watch=1", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=1&watch=0", "watch", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=%zz", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?a;watch=1", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?Watch=1", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods/foo?watch=1", "get", "", "v1", "other", "pods", "", "foo")]
    [InlineData("GET", "/api/v1/pods?limit=500&continue=abc", "list", "", "v1", "", "pods", "", "")]
    // a name that the field selector pins
    [InlineData("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3Dfoo", "list", "", "v1", "other", "pods", "", "foo")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=foo", "list", "", "v1", "other", "pods", "", "foo")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name==foo", "list", "", "v1", "other", "pods", "", "foo")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=1&fieldSelector=metadata.name%3Dfoo", "watch", "", "v1", "other", "pods", "", "foo")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?fieldSelector=a%3Db,metadata.name%3Dfoo", "list", "", "v1", "other", "pods", "", "foo")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name!%3Dfoo", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.namespace%3Dfoo", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3D..", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3Da%2Fb", "list", "", "v1", "other", "pods", "", "")]
    [InlineData("DELETE", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3Dfoo", "deletecollection", "", "v1", "other", "pods", "", "")]
    // sub-resources
    [InlineData("GET", "/api/v1/namespaces/other/pods/foo/log", "get", "", "v1", "other", "pods", "log", "foo")]
    [InlineData("PUT", "/api/v1/namespaces/other/pods/foo/status", "update", "", "v1", "other", "pods", "status", "foo")]
    [InlineData("POST", "/api/v1/namespaces/other/pods/foo/binding", "create", "", "v1", "other", "pods", "binding", "foo")]
    [InlineData("GET", "/api/v1/namespaces/other/pods/foo/a/b/c", "get", "", "v1", "other", "pods", "a", "foo")]
    [InlineData("PUT", "/api/v1/namespaces/foo/status", "update", "", "v1", "foo", "namespaces", "status", "foo")]
    [InlineData("PUT", "/api/v1/namespaces/foo/finalize", "update", "", "v1", "foo", "namespaces", "finalize", "foo")]
    [InlineData("GET", "/api/v1/namespaces/foo/finalizers", "list", "", "v1", "foo", "finalizers", "", "")]
    [InlineData("PATCH", "/apis/apps/v1/namespaces/other/deployments/d/scale", "patch", "apps", "v1", "other", "deployments", "scale", "d")]
    [InlineData("DELETE", "/api/v1/nodes/n1/status", "delete", "", "v1", "", "nodes", "status", "n1")]
    // groups
    [InlineData("GET", "/apis/apps/v1/namespaces/other/deployments", "list", "apps", "v1", "other", "deployments", "", "")]
    [InlineData("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/x", "get", "rbac.authorization.k8s.io", "v1", "", "clusterroles", "", "x")]
    [InlineData("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "create", "authorization.k8s.io", "v1", "", "selfsubjectaccessreviews", "", "")]
    [InlineData("OPTIONS", "/api/v1/pods", "options", "", "v1", "", "pods", "", "")]
    [InlineData("OPTIONS", "/api/v1/namespaces/other/pods/foo", "options", "", "v1", "other", "pods", "", "foo")]
    // another spelling of the same path is the same thing
    [InlineData("GET", "/%61pi/v1/pods", "list", "", "v1", "", "pods", "", "")]
    [InlineData("GET", "/api/v1/%6eamespaces/other/secrets", "list", "", "v1", "other", "secrets", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/%73ecrets/s", "get", "", "v1", "other", "secrets", "", "s")]
    [InlineData("GET", "/api/v1/w%61tch/pods", "watch", "", "v1", "", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/services/https:web:443", "get", "", "v1", "other", "services", "", "https:web:443")]
    [InlineData("GET", "/api/v1/namespaces/other/secrets/system:x;y", "get", "", "v1", "other", "secrets", "", "system:x;y")]
    public void T78_A_resource_path_is_read_as_the_API_server_reads_it(
        string method, string target, string verb, string group, string version, string ns, string resource, string subresource, string name)
    {
        var action = Parse(method, target);

        action.IsResourceRequest.Should().BeTrue();
        (action.Verb, action.ApiGroup, action.ApiVersion, action.Namespace, action.Resource, action.Subresource, action.Name)
            .Should().Be((verb, group, version, ns, resource, subresource, name));
    }

    [Theory]
    [InlineData("GET", "/", "get", "/")]
    [InlineData("GET", "", "get", "/")]
    [InlineData("GET", "/api", "get", "/api")]
    [InlineData("GET", "/api/", "get", "/api")]
    [InlineData("GET", "/api/v1", "get", "/api/v1")]
    [InlineData("GET", "/api/v1/", "get", "/api/v1")]
    [InlineData("GET", "/apis", "get", "/apis")]
    [InlineData("GET", "/apis/apps", "get", "/apis/apps")]
    [InlineData("GET", "/apis/apps/v1", "get", "/apis/apps/v1")]
    [InlineData("GET", "/version", "get", "/version")]
    [InlineData("HEAD", "/healthz", "head", "/healthz")]
    [InlineData("POST", "/healthz", "post", "/healthz")]
    [InlineData("OPTIONS", "/openapi/v2", "options", "/openapi/v2")]
    [InlineData("GET", "/apiX/v1/pods", "get", "/apiX/v1/pods")]
    [InlineData("GET", "/API/v1/pods", "get", "/API/v1/pods")]
    [InlineData("GET", "/a%2Fb", "get", "/a%2Fb")]
    [InlineData("GET", "/a%252Fb", "get", "/a%252Fb")]
    [InlineData("GET", "//c//d", "get", "//c//d")]
    [InlineData("GET", "/%2561pi/v1/pods", "get", "/%2561pi/v1/pods")]
    [InlineData("GET", "/healthz/%zz", "get", "/healthz/%zz")]
    public void Every_other_path_is_no_resource_and_keeps_its_spelling(string method, string target, string verb, string path)
    {
        var action = Parse(method, target);

        action.IsResourceRequest.Should().BeFalse();
        (action.Verb, action.Path).Should().Be((verb, path));
    }

    [Theory]
    [InlineData("//api/v1/pods")]
    [InlineData("/api//v1/pods")]
    [InlineData("/api/v1//pods")]
    [InlineData("/api/v1/namespaces//pods")]
    [InlineData("/api/v1/pods//")]
    [InlineData("/api//")]
    [InlineData("/%2Fapi/v1/pods")]
    [InlineData("/api%2Fv1%2Fpods")]
    [InlineData("/api/v1/namespaces/a%2Fb")]
    [InlineData("/api/v1/namespaces/a%2Fsecrets/b")]
    [InlineData("/api/v1/namespaces/a/pods/x%2Fexec")]
    [InlineData("/api/v1/namespaces/a%5Cb")]
    [InlineData("/api/v1/namespaces/a%252Fb")]
    [InlineData("/api/v1/namespaces/a%25")]
    [InlineData("/api/v1/namespaces/%ff")]
    [InlineData("/api/v1/namespaces/%zz")]
    [InlineData("/api/v1/namespaces/%")]
    [InlineData("/api/v1/namespaces/ns/pods/p%2Fproxy/x")]
    [InlineData("/api/v1/namespaces/ns//pods/p/proxy/x")]
    [InlineData("/apis//v1/pods")]
    [InlineData("/api/v1/watch")]
    [InlineData("/apis/apps/v1/watch/")]
    public void B18_T102_A_resource_path_that_reads_in_two_ways_is_refused(string target)
    {
        KubernetesActionParser.Parse(Inbound.Target(target), 0, "GET", isUpgrade: false, out var refusal).Should().BeNull();
        refusal!.Reason.Should().Be(RefusalReason.InvalidTarget);
    }

    [Fact]
    public void T115_Whatever_follows_the_prefix_is_read_or_refused_and_nothing_throws() =>
        Gen.Select(Targets.Nasty, Targets.OneOf("", "/api/v1", "/apis/apps/v1", "/api/v1/namespaces/n/pods/p/proxy"), Targets.OneOf("GET", "POST", "DELETE"))
            .Sample(static (tail, prefix, method) =>
            {
                if (Fairlead.Doors.RequestTarget.Parse(prefix + tail, 4096, out _) is not { } target)
                {
                    return true;
                }

                var action = KubernetesActionParser.Parse(target, 0, method, isUpgrade: false, out var refusal);
                return (action is null) != (refusal is null);
            }, iter: 20_000);

    private static KubernetesAction Parse(string method, string target)
    {
        var action = KubernetesActionParser.Parse(Inbound.Target("/door" + target), "/door".Length, method, isUpgrade: false, out var refusal);
        refusal.Should().BeNull();
        return action!;
    }
}
