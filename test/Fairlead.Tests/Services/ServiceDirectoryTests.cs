using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Services;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Services;

public sealed class ServiceDirectoryTests : IAsyncDisposable
{
    private const string Web = """{"metadata":{"name":"web","namespace":"default"},"spec":{"clusterIP":"10.0.0.1","ports":[{"name":"http","port":80}]}}""";
    private static readonly Secret _own = new("Bearer U");

    private readonly RawUpstream _server = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ClusterUpstream _upstream;
    private readonly ClusterApi _api;
    private readonly ServiceIndex _index;
    private volatile Func<RecordedRequest, RawAnswer> _answer = static _ => RawAnswer.Json(200, Web);

    public ServiceDirectoryTests()
    {
        var definition = TestCluster.Held("main", _server.Url);
        _upstream = new ClusterUpstream(definition, new GatewayOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        _api = new ClusterApi(_upstream, CredentialSource.For(definition.Credential), TimeSpan.FromSeconds(20));
        _index = new ServiceIndex(_api, definition.QualifiedName, _time, NullLogger<ServiceIndex>.Instance);
        _server.Respond(request => _answer(request));
    }

    /// <summary>The shipped server's own cases of looking a Service up, with the outcomes of F22 and F34: a 403 stays a 403.</summary>
    [Theory]
    [InlineData(404, "ServiceNotFound")]
    [InlineData(401, "IllegalToken")]
    [InlineData(403, "NotAllowed")]
    [InlineData(500, "Unreachable")]
    [InlineData(429, "Unreachable")]
    public async Task H101_H52_H56_What_the_API_server_says_is_passed_on(int status, string reason)
    {
        _answer = _ => RawAnswer.Json(status, "{}");

        var refusal = (await FindAsync()).Refusal!;

        refusal.Reason.ToString().Should().Be(reason);
        refusal.Message.Should().NotContain("127.0.0.1");
    }

    [Fact]
    public async Task H101_A_Service_is_found_in_its_own_namespace_alone()
    {
        _answer = static request => request.Target.Contains("/namespaces/default/", StringComparison.Ordinal) ? RawAnswer.Json(200, Web) : RawAnswer.Json(404, "{}");

        (await FindAsync()).View!.Service.Metadata.Name.Should().Be("web");
        (await FindAsync("other")).Refusal.Should().Be(new Refusal(RefusalReason.ServiceNotFound, "services \"web\" not found"));
        _server.Requests.Select(static request => request.Target).Should().Equal("/api/v1/namespaces/default/services/web", "/api/v1/namespaces/other/services/web");
        _server.Requests.Should().AllSatisfy(static request => request.Header("Authorization").Should().Be("Bearer U"));
    }

    [Fact]
    public async Task F22_A_look_up_is_remembered_for_two_seconds()
    {
        var first = (await FindAsync()).View;
        _time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        (await FindAsync()).View.Should().BeSameAs(first);
        _server.Requests.Should().HaveCount(1);

        _time.Advance(TimeSpan.FromTicks(1));
        (await FindAsync()).View.Should().NotBeSameAs(first);
        _server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task F22_What_one_caller_was_told_is_not_for_another()
    {
        await FindAsync();
        _answer = static _ => RawAnswer.Json(403, "{}");

        (await FindAsync(own: new Secret("Bearer V"))).Refusal!.Reason.Should().Be(RefusalReason.NotAllowed);
        (await FindAsync()).View.Should().NotBeNull();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public async Task F22_A_failure_is_not_remembered(int status)
    {
        _answer = _ => RawAnswer.Json(status, "{}");
        (await FindAsync()).View.Should().BeNull();
        _answer = static _ => RawAnswer.Json(200, Web);

        (await FindAsync()).View.Should().NotBeNull();
    }

    [Fact]
    public async Task F22_Endpoints_are_asked_for_where_they_are_needed()
    {
        _answer = static request => request.Target.Contains("endpointslices", StringComparison.Ordinal) ? RawAnswer.Json(200, """{"metadata":{},"items":[]}""") : RawAnswer.Json(200, Web);

        (await FindAsync(withEndpoints: true)).View!.Slices.Should().BeEmpty();
        _server.Requests[1].Target.Should().Be("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dweb");
    }

    [Fact]
    public async Task F22_Without_the_right_to_see_endpoints_the_missing_verb_is_named()
    {
        _answer = static request => request.Target.Contains("endpointslices", StringComparison.Ordinal) ? RawAnswer.Json(403, "{}") : RawAnswer.Json(200, Web);

        var refusal = (await FindAsync(withEndpoints: true)).Refusal!;

        refusal.Reason.Should().Be(RefusalReason.NotAllowed);
        refusal.Message.Should().Contain("list endpointslices.discovery.k8s.io");
    }

    [Fact]
    public async Task F22_Without_any_credential_the_callers_own_token_is_wanted()
    {
        (await Directory(hasAccount: false).FindAsync("default", "web", withEndpoints: false, CredentialPlan.Held.Instance, CancellationToken.None)).Refusal!.Reason.Should().Be(RefusalReason.ClusterTokenRequired);
        _server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task F22_Where_the_account_may_not_watch_the_caller_asks()
    {
        _answer = static request => request.Target.StartsWith("/api/v1/services?", StringComparison.Ordinal) ? RawAnswer.Json(403, "{}") : RawAnswer.Json(200, Web);

        var found = await Directory(hasAccount: true).FindAsync("default", "web", withEndpoints: false, new CredentialPlan.Own(_own), CancellationToken.None).AsTask().WaitAsync(Guard.Limit);

        found.View.Should().NotBeNull();
        _server.Requests.Select(static request => (request.Target.Split('?')[0], request.Header("Authorization"))).Should().Equal(
            ("/api/v1/services", "Bearer SA"), ("/api/v1/namespaces/default/services/web", "Bearer U"));
    }

    public async ValueTask DisposeAsync()
    {
        _index.Dispose();
        _upstream.Dispose();
        await _server.DisposeAsync();
    }

    private ServiceDirectory Directory(bool hasAccount) => new(_api, PlannedCredentials.For(TestCluster.Held("main", Make.Url), CredentialSource.For(new CredentialDefinition.None("localKubectlProxy")), _api, _time), _index, "main", hasAccount, _time);

    private ServiceDirectory? _directory;

    private Task<ServiceLookup> FindAsync(string @namespace = "default", bool withEndpoints = false, Secret? own = null) =>
        (_directory ??= Directory(hasAccount: false)).FindAsync(@namespace, "web", withEndpoints, new CredentialPlan.Own(own ?? _own), CancellationToken.None).AsTask().WaitAsync(Guard.Limit);
}
