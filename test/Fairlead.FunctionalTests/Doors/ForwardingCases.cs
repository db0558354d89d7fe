using System.Text;
using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>What a door sends to the cluster and brings back, the same at every door to an API server.</summary>
public abstract class ForwardingCases(EitherDoor door)
{
    private const string ApplyPatch = "application/apply-patch+yaml";

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B01_A_request_reaches_the_cluster_below_the_prefix_and_its_answer_the_client(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);
        passage.Upstream.Answer(200, """{"kind":"NamespaceList"}""");

        var response = await passage.GetAsync("/api/v1/namespaces");

        response.Status.Should().Be(200);
        response.BodyText.Should().Be("""{"kind":"NamespaceList"}""");
        var seen = passage.Upstream.Single;
        seen.Method.Should().Be("GET");
        seen.Target.Should().Be("/api/v1/namespaces");
        seen.Header("Authorization").Should().Be("Bearer SA");
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B02_The_prefix_alone_is_the_clusters_root(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);

        await passage.GetAsync("");
        await passage.GetAsync("/");
        await passage.GetAsync("?timeout=1s");

        passage.Upstream.Requests.Select(static seen => seen.Target).Should().Equal("/", "/", "/?timeout=1s");
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B04_Every_served_method_arrives_as_it_is(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);
        passage.Upstream.Answer(200, "answer", "text/plain");
        string[] methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

        foreach (var method in methods)
        {
            var response = await passage.SendAsync(new RawRequest(method, "/api/v1/namespaces/n/pods/p"));

            response.Status.Should().Be(200, method);
            response.BodyText.Should().Be(method is "HEAD" ? "" : "answer", method);
        }

        passage.Upstream.Requests.Select(static seen => seen.Method).Should().Equal(methods);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B04_An_answer_to_HEAD_keeps_the_length_and_has_no_body(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);
        passage.Upstream.Answer(200, "answer", "text/plain");

        var response = await passage.SendAsync(new RawRequest("HEAD", "/api/v1/namespaces/n"));

        response.Header("Content-Length").Should().Be("6");
        response.Body.Should().BeEmpty();
        response.End.Should().Be(ResponseEnd.Complete);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B06_Bodies_arrive_byte_for_byte_with_their_type(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);
        (string Type, byte[] Body)[] bodies =
        [
            ("application/json", Encoding.UTF8.GetBytes("""{ "kind": "Pod" ,"é":1}""")),
            ("application/yaml", Encoding.UTF8.GetBytes("kind: Pod\r\n# end\n")),
            (ApplyPatch, Encoding.UTF8.GetBytes("kind: Deployment\n")),
            ("application/vnd.kubernetes.protobuf; charset=x", [.. Enumerable.Range(0, 256).Select(static value => (byte)value)]),
        ];

        foreach (var chunked in new[] { false, true })
        {
            foreach (var (type, body) in bodies)
            {
                var method = type is ApplyPatch ? "PATCH" : "POST";
                var request = new RawRequest(method, "/api/v1/namespaces/n/pods") { Body = body, Chunked = chunked };
                var response = await passage.SendAsync(request.With("Content-Type", type));

                response.Status.Should().Be(200);
                var seen = passage.Upstream.Requests[^1];
                seen.Method.Should().Be(method);
                seen.Body.Should().Equal(body);
                seen.Header("Content-Type").Should().Be(type);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B08_An_unusual_status_and_its_headers_reach_the_client(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);
        passage.Upstream.Answer(299, """{"a":1}""", "application/json", new HeaderLine("X-Test", "1"));

        var response = await passage.GetAsync("/api/v1/namespaces");

        response.Status.Should().Be(299);
        response.BodyText.Should().Be("""{"a":1}""");
        response.Header("X-Test").Should().Be("1");
        response.Header("Content-Type").Should().Be("application/json");
        response.Header("Proxy-Status").Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B09_The_clusters_own_errors_pass_unchanged(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);
        foreach (var status in new[] { 401, 403, 404, 409, 410, 422, 429, 500, 503 })
        {
            var body = $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","code":{{status}}}""";
            passage.Upstream.Answer(
                status, body, "application/json", new HeaderLine("Retry-After", "7"), new HeaderLine("WWW-Authenticate", "Basic realm=\"cluster\""));

            var response = await passage.GetAsync("/api/v1/namespaces");

            response.Status.Should().Be(status);
            response.BodyText.Should().Be(body);
            response.Header("Retry-After").Should().Be("7");
            response.Header("WWW-Authenticate").Should().Be("Basic realm=\"cluster\"");
            response.Header("Proxy-Status").Should().BeNull();
        }
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B15_The_path_of_the_clusters_url_stays_in_front(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way, basePath: "/sub/path");

        await passage.GetAsync("/api/v1/namespaces?limit=1");
        await passage.GetAsync("");

        passage.Upstream.Requests.Select(static seen => seen.Target).Should().Equal("/sub/path/api/v1/namespaces?limit=1", "/sub/path/");
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B16_Everything_lies_below_the_base_url(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way, static options => options with { BaseUrl = "/gw" });

        var below = await passage.GetTargetAsync($"/gw{door.Prefix()}/api?x=1");
        var outside = await passage.GetTargetAsync($"{door.Prefix()}/api");
        var twice = await passage.GetTargetAsync($"/gw/gw{door.Prefix()}/api");
        var glued = await passage.GetTargetAsync($"/gwx{door.Prefix()}/api");

        below.Status.Should().Be(200);
        outside.Status.Should().Be(404);
        twice.Status.Should().Be(404);
        glued.Status.Should().Be(404);
        passage.Upstream.Single.Target.Should().Be("/api?x=1");
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B17_Host_is_the_clusters_and_the_clients_is_nowhere(Way way)
    {
        await using var passage = await Passage.StartAsync(door, way);

        var response = await passage.SendAsync(RawRequest.Get("/api").With("Host", "portal.example:7007"));

        response.Status.Should().Be(200);
        var seen = passage.Upstream.Single;
        seen.Header("Host").Should().Be(new Uri(passage.Upstream.Url).Authority);
        seen.HeaderLines.ToString().Should().NotContain("portal.example");
    }
}
