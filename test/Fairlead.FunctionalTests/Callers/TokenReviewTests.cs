using AwesomeAssertions;
using Fairlead.Callers;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>The target cluster says whose a token is, before anything else is sent there (<c>auth.tokenReview</c>).</summary>
public sealed class TokenReviewTests : IAsyncLifetime
{
    private const string Review = "/apis/authentication.k8s.io/v1/tokenreviews";
    private const string Good = """{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","status":{"authenticated":true,"user":{"username":"bob","groups":["devs"]}}}""";

    private readonly RawUpstream _upstream = new();
    private TestGateway _gateway = null!;
    private Func<string, RawAnswer> _review = static _ => RawAnswer.Json(201, Good);

    public async ValueTask InitializeAsync()
    {
        _upstream.Respond(request => request.Target is Review ? _review(request.BodyText) : RawAnswer.Json(200, "{}"));
        _gateway = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    private int Reviews => _upstream.Requests.Count(static request => request.Target is Review);

    [Fact]
    public async Task T06_A_token_that_the_cluster_knows_goes_on_and_is_asked_about_once()
    {
        for (var i = 0; i < 5; i++)
        {
            (await AskAsync("bob-token")).Status.Should().Be(200);
        }

        Reviews.Should().Be(1);
        var review = _upstream.Requests[0];
        review.Method.Should().Be("POST");
        review.Header("Authorization").Should().Be("Bearer SA", "the gateway's own account asks");
        review.Json.RootElement.GetProperty("spec").GetProperty("token").GetString().Should().Be("bob-token");
        _upstream.Requests[1].Header("Authorization").Should().Be("Bearer bob-token");
    }

    [Theory]
    [InlineData("""{"status":{"authenticated":false}}""", 201, 401)]
    [InlineData("""{"status":{"authenticated":false,"error":"expired"}}""", 201, 401)]
    [InlineData("""{"status":{"authenticated":true,"user":{}}}""", 201, 401)]
    [InlineData("""{"status":{"authenticated":true,"user":{"username":""}}}""", 201, 401)]
    [InlineData("""{"status":{"authenticated":true}}""", 201, 401)]
    [InlineData("""{"status":{"authenticated":"true","user":{"username":"bob"}}}""", 201, 503)]
    [InlineData("""{"status":{"user":{"username":"bob"}}}""", 201, 401)]
    [InlineData("""{}""", 201, 503)]
    [InlineData("no JSON", 201, 503)]
    [InlineData("{}", 500, 503)]
    [InlineData("{}", 403, 503)]
    public async Task T06_Only_a_yes_with_a_name_lets_anybody_in(string answer, int status, int expected)
    {
        _review = _ => RawAnswer.Json(status, answer);

        foreach (var target in new[] { "/clusters/kind/api/v1/pods", "/serviceproxy/default/web/x" })
        {
            var response = await BothProtocols.SendAsync(_gateway, RawRequest.Get(target).WithBearer("token"));
            response.Status.Should().Be(expected, response.BodyText);
        }

        _upstream.Requests.Select(static request => request.Target).Should().AllBe(Review);
    }

    [Fact]
    public async Task T06_A_cluster_that_does_not_answer_is_503()
    {
        await using var silent = RawUpstream.NeverAnswering();
        await using var gateway = await StartAsync(silent, static options => options with { Timeouts = options.Timeouts with { ResponseHeaders = TimeSpan.FromMilliseconds(300) } });

        var response = await gateway.SendBareAsync(RawRequest.Get("/clusters/kind/api/v1/pods").WithBearer("token"));

        response.Status.Should().Be(503);
        silent.Requests.Select(static request => request.Target).Should().AllBe(Review);
    }

    [Fact]
    public async Task T75_A_flood_of_bad_tokens_costs_the_cluster_a_bounded_number_of_calls_and_others_nothing()
    {
        _review = static body => RawAnswer.Json(201, body.Contains("bob-token", StringComparison.Ordinal) ? Good : """{"status":{"authenticated":false}}""");
        (await AskAsync("bob-token")).Status.Should().Be(200);

        var same = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskAsync("one-bad-token")));
        same.Should().OnlyContain(static answer => answer.Status == 401);
        Reviews.Should().Be(2, "one for bob, one for the bad one");

        var answers = new List<RawResponse>();
        for (var i = 0; i < 20; i++)
        {
            answers.AddRange(await Task.WhenAll(Enumerable.Range(0, 50).Select(n => AskAsync($"bad-{i}-{n}"))));
        }

        answers.Should().OnlyContain(static answer => answer.Status == 401 || answer.Status == 429);
        answers.Where(static answer => answer.Status == 429).Should().NotBeEmpty().And.AllSatisfy(static answer => answer.Header("Retry-After").Should().NotBeNull());
        // A burst, and a few for each second that this has taken.
        Reviews.Should().BeLessThan(FailureBudget.PerAddress + 300);
        (await AskAsync("bob-token")).Status.Should().Be(200, "who is known is not asked about");
    }

    [Fact]
    public async Task A_cluster_without_an_account_of_the_gateways_asks_with_the_token_itself()
    {
        _upstream.Respond(static request => request.Target.EndsWith("/selfsubjectreviews", StringComparison.Ordinal)
            ? request.Header("Authorization") is "Bearer bob-token" ? RawAnswer.Json(201, """{"status":{"userInfo":{"username":"bob"}}}""") : RawAnswer.Json(401, "{}")
            : RawAnswer.Json(200, "{}"));

        (await AskAsync("bob-token", "/clusters/theirs/api/v1/pods")).Status.Should().Be(200);
        (await AskAsync("bad", "/clusters/theirs/api/v1/pods")).Status.Should().Be(401);
        _upstream.Requests.Select(static request => request.Target).Should().Equal(
            "/apis/authentication.k8s.io/v1/selfsubjectreviews", "/api/v1/pods", "/apis/authentication.k8s.io/v1/selfsubjectreviews");
    }

    [Fact]
    public async Task F6_A_portal_token_is_in_no_review()
    {
        (await _gateway.SendAsync(RawRequest.Get("/clusters/kind/api/v1/pods"))).Status.Should().Be(200);
        (await _gateway.GetAsync("/api/v1/pods", "kind")).Status.Should().Be(200);
        (await _gateway.SendBareAsync(RawRequest.Get("/api/kubernetes/proxy/api").With("Backstage-Kubernetes-Cluster", "kind").WithBearer("unknown"))).Status.Should().Be(401);

        Reviews.Should().Be(0);
    }

    private Task<TestGateway> StartAsync(RawUpstream? upstream = null, Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var url = (upstream ?? _upstream).Url;
        var options = TestGateway.Options(TestCluster.Held("kind", url), TestCluster.ClientSide("theirs", url, "passThrough"));
        options = options with { Auth = options.Auth! with { TokenReview = true }, ServiceProxy = options.ServiceProxy with { DefaultCluster = "kind" } };
        return TestGateway.StartAsync(change?.Invoke(options) ?? options);
    }

    private Task<RawResponse> AskAsync(string token, string target = "/clusters/kind/api/v1/pods") => _gateway.SendBareAsync(RawRequest.Get(target).WithBearer(token));
}
