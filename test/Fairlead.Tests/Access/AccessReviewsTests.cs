using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Credentials.Impersonation;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Access;

public sealed class AccessReviewsTests : IAsyncDisposable
{
    private const string Yes = """{"status":{"allowed":true}}""";
    private const string No = """{"status":{"allowed":false,"reason":"no rule"}}""";
    private static readonly Secret _token = new("Bearer U");

    private readonly RawUpstream _server = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ClusterUpstream _upstream;
    private readonly AccessReviews _reviews;
    private volatile Func<RecordedRequest, RawAnswer> _answer = static _ => RawAnswer.Json(201, No);

    public AccessReviewsTests()
    {
        _upstream = Upstream(_server.Url);
        _reviews = Reviews(_upstream);
        _server.Respond(request => _answer(request));
    }

    [Fact]
    public async Task F20_The_cluster_is_asked_in_the_callers_own_name()
    {
        Answer(RawAnswer.Json(201, Yes));

        (await AskAsync(Action("create"))).Should().BeNull();

        var request = _server.Requests.Should().ContainSingle().Subject;
        (request.Method, request.Target).Should().Be(("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"));
        request.Headers("Authorization").Should().Equal("Bearer U");
        using var body = JsonDocument.Parse(request.BodyText);
        body.RootElement.GetProperty("kind").GetString().Should().Be("SelfSubjectAccessReview");
        body.RootElement.GetProperty("apiVersion").GetString().Should().Be("authorization.k8s.io/v1");
        var attributes = body.RootElement.GetProperty("spec").GetProperty("resourceAttributes");
        attributes.EnumerateObject().ToDictionary(static one => one.Name, static one => one.Value.GetString()).Should().BeEquivalentTo(new Dictionary<string, string?>
        {
            ["verb"] = "create", ["group"] = "", ["resource"] = "services", ["subresource"] = "proxy", ["namespace"] = "default", ["name"] = "web", ["version"] = "v1",
        });
    }

    [Fact]
    public async Task F20_Without_a_sub_resource_none_is_asked_for()
    {
        Answer(RawAnswer.Json(201, Yes));

        (await AskAsync(Action("get") with { Subresource = "" })).Should().BeNull();

        _server.Requests[0].BodyText.Should().NotContain("subresource");
    }

    [Fact]
    public async Task H53_H54_A_no_names_the_verb_and_the_cluster()
    {
        Answer(RawAnswer.Json(201, No));

        var refusal = await AskAsync(Action("create"));

        refusal!.Reason.Should().Be(RefusalReason.NotAllowed);
        refusal.Message.Should().Contain("create").And.Contain("services/proxy").And.Contain("default").And.Contain("kind").And.NotContain("127.0.0.1");
    }

    [Theory]
    [InlineData("""{"status":{"allowed":true,"denied":true}}""", "NotAllowed")]
    [InlineData("""{"status":{"denied":true}}""", "NotAllowed")]
    [InlineData("""{"status":{}}""", "NotAllowed")]
    [InlineData("""{"status":{"evaluationError":"broken"}}""", "NotAllowed")]
    [InlineData("""{"status":null}""", "ReviewUnavailable")]
    [InlineData("""{"allowed":true}""", "ReviewUnavailable")]
    [InlineData("""{"spec":{"resourceAttributes":{}}}""", "ReviewUnavailable")]
    [InlineData("""{}""", "ReviewUnavailable")]
    [InlineData("""null""", "ReviewUnavailable")]
    [InlineData("""{"status":{"allowed":"true"}}""", "InvalidResponse")]
    [InlineData("""{"status":{"allowed":1}}""", "InvalidResponse")]
    [InlineData("""{"status":{"allowed":null}}""", "InvalidResponse")]
    [InlineData("""{"status":{"Allowed":true}}""", "NotAllowed")]
    [InlineData("""{"status":true}""", "InvalidResponse")]
    [InlineData("""[]""", "InvalidResponse")]
    [InlineData("""<html>""", "InvalidResponse")]
    [InlineData("", "InvalidResponse")]
    public async Task T114_Only_a_plain_yes_is_one(string body, string reason)
    {
        Answer(RawAnswer.Json(201, body));

        (await AskAsync(Action("create")))!.Reason.ToString().Should().Be(reason);
    }

    [Fact]
    public async Task An_answer_that_is_far_too_long_is_none()
    {
        Answer(RawAnswer.Json(201, new string(' ', 9 * 1024 * 1024) + Yes));

        (await AskAsync(Action("create")))!.Reason.Should().Be(RefusalReason.InvalidResponse);
    }

    [Theory]
    [InlineData(401, "IllegalToken")]
    [InlineData(403, "NotAllowed")]
    [InlineData(500, "ReviewUnavailable")]
    [InlineData(503, "ReviewUnavailable")]
    [InlineData(429, "ReviewUnavailable")]
    [InlineData(404, "ReviewUnavailable")]
    [InlineData(302, "ReviewUnavailable")]
    public async Task T114_H52_A_status_that_is_no_success_is_never_a_yes(int status, string reason)
    {
        Answer(RawAnswer.Json(status, Yes));

        (await AskAsync(Action("create")))!.Reason.ToString().Should().Be(reason);
    }

    [Fact]
    public async Task T114_An_answer_that_ends_early_is_never_a_yes()
    {
        Answer(RawAnswer.Truncated(1_000, Yes));

        (await AskAsync(Action("get"))).Should().NotBeNull();

        Answer(RawAnswer.Nothing());
        (await AskAsync(Action("update")))!.Reason.Should().Be(RefusalReason.ConnectionClosed);
    }

    [Fact]
    public async Task T114_A_cluster_that_does_not_answer_allows_nothing()
    {
        using var port = new RefusedPort();
        using var upstream = Upstream($"http://127.0.0.1:{port.Port}");

        var refusal = await Reviews(upstream).RefuseAsync(new CredentialPlan.Own(_token), Action("get"), isRepeated: false, null, CancellationToken.None);

        refusal!.Reason.Should().Be(RefusalReason.ConnectionRefused);
        refusal.Message.Should().NotContain("127.0.0.1");
    }

    [Fact]
    public async Task A_yes_is_good_for_ten_seconds()
    {
        new TimeoutOptions().ReviewedFor.Should().Be(TimeSpan.FromSeconds(10));
        Answer(RawAnswer.Json(201, Yes));

        (await AskAsync(Action("get"))).Should().BeNull();
        Answer(RawAnswer.Json(201, No));
        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        (await AskAsync(Action("get"))).Should().BeNull();
        _server.Requests.Should().HaveCount(1);

        _time.Advance(TimeSpan.FromTicks(1));
        (await AskAsync(Action("get")))!.Reason.Should().Be(RefusalReason.NotAllowed, "a right that was taken away lives ten seconds at most");
    }

    [Fact]
    public async Task A_no_is_good_for_two_seconds()
    {
        AccessReviews.DeniedFor.Should().Be(TimeSpan.FromSeconds(2));
        Answer(RawAnswer.Json(201, No));
        await AskAsync(Action("get"));
        _time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        await AskAsync(Action("get"));
        _server.Requests.Should().HaveCount(1);

        _time.Advance(TimeSpan.FromTicks(1));
        await AskAsync(Action("get"));
        _server.Requests.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(401, 1)]
    [InlineData(403, 1)]
    [InlineData(500, 2)]
    [InlineData(503, 2)]
    [InlineData(429, 2)]
    public async Task T114_What_was_not_answered_is_asked_again(int status, int requests)
    {
        Answer(RawAnswer.Json(status, "{}"));

        await AskAsync(Action("get"));
        await AskAsync(Action("get"));

        _server.Requests.Should().HaveCount(requests);
    }

    [Fact]
    public async Task Every_part_of_the_question_is_asked_for_itself()
    {
        _answer = static request => RawAnswer.Json(201, request.BodyText.Contains("\"create\"", StringComparison.Ordinal) ? No : Yes);
        var get = Action("get");
        (await AskAsync(get)).Should().BeNull();

        (await AskAsync(Action("create"))).Should().NotBeNull();
        await AskAsync(get with { Namespace = "other" });
        await AskAsync(get with { Name = "other" });
        await AskAsync(get with { Subresource = "" });
        await AskAsync(get with { Resource = "pods" });
        await AskAsync(get with { ApiGroup = "apps" });
        await AskAsync(get with { ApiVersion = "v2" });
        await AskAsync(new KubernetesAction { IsResourceRequest = false, Verb = "get", Path = "/metrics" });
        await AskAsync(new KubernetesAction { IsResourceRequest = false, Verb = "get", Path = "/logs" });
        await _reviews.RefuseAsync(new CredentialPlan.Own(_token, new ImpersonatedUser("jane", ["a", "b"], null, [])), get, isRepeated: false, null, CancellationToken.None);
        await _reviews.RefuseAsync(new CredentialPlan.Own(_token, new ImpersonatedUser("jane", ["a, b"], null, [])), get, isRepeated: false, null, CancellationToken.None);
        await _reviews.RefuseAsync(new CredentialPlan.Own(new Secret("Bearer V")), get, isRepeated: false, null, CancellationToken.None);
        await AskAsync(get);

        _server.Requests.Should().HaveCount(13);
    }

    [Fact]
    public async Task Many_who_ask_the_same_wait_for_one_answer()
    {
        var gate = new Gate();
        _server.OnConnection(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await gate.WaitAsync();
                await connection.AnswerAsync(RawAnswer.Json(201, Yes));
            }
        });
        var asking = Enumerable.Range(0, 20).Select(_ => AskAsync(Action("get"))).ToArray();
        await _server.WaitForRequestAsync();
        gate.Open();

        (await Task.WhenAll(asking).WaitAsync(Guard.Limit)).Should().AllSatisfy(static refusal => refusal.Should().BeNull());
        _server.Requests.Should().HaveCount(1);
    }

    [Fact]
    public async Task One_caller_who_asks_without_end_takes_the_cluster_from_nobody()
    {
        Answer(RawAnswer.Json(201, Yes));
        var (atOnce, _) = AccessReviews.OfCaller;
        for (var i = 0; i < atOnce; i++)
        {
            (await AskAsync(Action("get") with { Name = $"n{i}" })).Should().BeNull();
        }

        (await AskAsync(Action("get") with { Name = "one-more" }))!.Reason.Should().Be(RefusalReason.TooManyReviews);
        (await AskAsync(Action("get") with { Name = "n0" })).Should().BeNull("what is known costs nothing");
        (await _reviews.RefuseAsync(new CredentialPlan.Own(new Secret("Bearer other")), Action("get"), isRepeated: false, null, CancellationToken.None)).Should().BeNull();
        (await _reviews.RefuseAsync(new CredentialPlan.Own(_token), Action("watch"), isRepeated: true, null, CancellationToken.None)).Should().BeNull("a stream that goes on was counted when it began");
        _time.Advance(TimeSpan.FromSeconds(1));
        (await AskAsync(Action("get") with { Name = "one-more" })).Should().BeNull();
    }

    [Fact]
    public async Task T105_Nothing_of_what_was_asked_for_is_remembered_however_long_it_is()
    {
        var names = new List<WeakReference>();
        for (var i = 0; i < 20; i++)
        {
            names.Add(await AskForLongNameAsync(i));
        }

        GC.Collect();
        names.Count(static name => name.IsAlive).Should().BeLessThanOrEqualTo(1, "the last one may still stand in a variable");
        _server.Requests.Should().HaveCount(20);
        GC.KeepAlive(_reviews);
    }

    [Fact]
    public async Task T113_Many_tokens_of_one_address_take_the_cluster_from_nobody()
    {
        Answer(RawAnswer.Json(201, Yes));
        var (mine, other) = (System.Net.IPAddress.Parse("192.0.2.1"), System.Net.IPAddress.Parse("192.0.2.2"));
        var (atOnce, _) = AccessReviews.OfAddress;
        for (var i = 0; i < atOnce; i++)
        {
            (await StrangerAsync(i, mine)).Should().BeNull();
        }

        (await StrangerAsync(atOnce, mine))!.Reason.Should().Be(RefusalReason.TooManyReviews);
        (await StrangerAsync(atOnce, other)).Should().BeNull();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await StrangerAsync(atOnce + 1, mine)).Should().BeNull();

        ValueTask<Refusal?> StrangerAsync(int token, System.Net.IPAddress address) =>
            _reviews.RefuseAsync(new CredentialPlan.Own(new Secret($"Bearer {token}")), Action("get"), isRepeated: false, address, CancellationToken.None);
    }

    private async Task<WeakReference> AskForLongNameAsync(int number)
    {
        var name = new string('x', 20_000) + number;
        var refusal = await AskAsync(Action("get") with { Name = name });
        refusal!.Message.Should().Contain(name, "the refusal says what was asked for");
        (await AskAsync(Action("get") with { Name = name })).Should().BeEquivalentTo(refusal, "it is remembered that there was a no");
        return new WeakReference(name);
    }

    public async ValueTask DisposeAsync()
    {
        _upstream.Dispose();
        await _server.DisposeAsync();
    }

    private static ClusterUpstream Upstream(string url) => new(TestCluster.Held("kind", url), new GatewayOptions(), TimeProvider.System, NullLoggerFactory.Instance);

    private static KubernetesAction Action(string verb) => new()
    {
        IsResourceRequest = true,
        Verb = verb,
        ApiVersion = "v1",
        Namespace = "default",
        Resource = "services",
        Subresource = "proxy",
        Name = "web",
    };

    private AccessReviews Reviews(ClusterUpstream upstream)
    {
        var held = CredentialSource.For(new CredentialDefinition.ServiceAccountToken(new Secret(TestCluster.HeldToken)));
        var api = new ClusterApi(upstream, held, TimeSpan.FromSeconds(20));
        return new AccessReviews(api, PlannedCredentials.For(TestCluster.Held("kind", Make.Url), held, api, _time), "kind", TimeSpan.FromSeconds(10), _time, NullLogger<AccessReviews>.Instance);
    }

    private Task<Refusal?> AskAsync(KubernetesAction action) => _reviews.RefuseAsync(new CredentialPlan.Own(_token), action, isRepeated: false, null, CancellationToken.None).AsTask().WaitAsync(Guard.Limit);

    /// <summary>What the API server answers from now on.</summary>
    private void Answer(RawAnswer answer) => _answer = _ => answer;
}
