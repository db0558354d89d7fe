using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Services;

/// <summary>The requests of Headlamp's App Catalog, sent as it sends them (contract <c>headlamp.md</c>, section 6).</summary>
public sealed class AppCatalogTests
{
    private const string Index = "apiVersion: v1\nentries:\n  hello:\n  - name: hello\n    version: 0.1.0\n    icon: icons/hello.svg\n";
    private const string Icon = """<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>""";
    private const string Search = "api/v1/packages/search?kind=0&ts_query_web=my web+chart & more&category=4&sort=relevance&facets=true&verified_publisher=true&limit=12&offset=24";

    // What a caller has to encode itself, since the value is a form value once and a URL then (contract S3).
    private const string EncodedSearch = "api/v1/packages/search?kind=0&ts_query_web=a%26b%2Bc&sort=relevance&facets=true&verified_publisher=false&limit=12&offset=0";

    [Theory]
    [InlineData("direct")]
    [InlineData("apiserver")]
    public async Task H97_The_six_request_values_reach_the_right_target_and_the_client_gets_what_it_needs(string transport)
    {
        await using var catalog = new RawUpstream();
        catalog.Respond(static request => request.Target.Split('?')[0] switch
        {
            "/charts/index.yaml" => RawAnswer.Text(200, Index, "text/yaml"),
            "/values/hello/0.1.0/values.yaml" => RawAnswer.Text(200, "greeting: hello\n", "text/plain; charset=utf-8"),
            "/icons/hello.svg" => RawAnswer.Text(200, Icon, "image/svg+xml"),
            "/icons/hello.xml" => RawAnswer.Text(200, Icon, "text/xml"),
            "/api/v1/packages/search" => RawAnswer.Json(200, """{"packages":[],"facets":[]}""", "pagination-total-count: 137"),
            "/api/v1/packages/helm/bitnami/nginx" => RawAnswer.Json(200, """{"package_id":"id-1"}"""),
            "/api/v1/packages/id-1/15.0.0/values" => RawAnswer.Text(200, "replicas: 1\n", "application/yaml"),
            _ => RawAnswer.Json(404, """{"message":"no such page"}"""),
        });
        await using var world = await ServiceWorld.StartAsync(transport);
        world.AddService("catalog", catalog.Port);

        var seen = await AskAsync(
            world,
            "charts/index.yaml",
            "values/hello/0.1.0/values.yaml",
            "icons/hello.svg",
            "./icons/hello.xml",
            Search,
            EncodedSearch,
            "api/v1/packages/helm/bitnami/nginx",
            "api/v1/packages/id-1/15.0.0/values");

        catalog.Requests.Select(static request => $"{request.Method} {request.Target}").Should().Equal(
            "GET /charts/index.yaml",
            "GET /values/hello/0.1.0/values.yaml",
            "GET /icons/hello.svg",
            "GET /icons/hello.xml",
            "GET /api/v1/packages/search?kind=0&ts_query_web=my%20web+chart%20&%20more&category=4&sort=relevance&facets=true&verified_publisher=true&limit=12&offset=24",
            "GET /api/v1/packages/search?kind=0&ts_query_web=a%26b%2Bc&sort=relevance&facets=true&verified_publisher=false&limit=12&offset=0",
            "GET /api/v1/packages/helm/bitnami/nginx",
            "GET /api/v1/packages/id-1/15.0.0/values");
        seen.Select(static one => one.GetProperty("status").GetInt32()).Should().AllBeEquivalentTo(200);
        seen.Select(static one => one.GetProperty("contentType").GetString()).Should().Equal(
            "text/yaml", "text/plain; charset=utf-8", "image/svg+xml", "text/xml", "application/json", "application/json", "application/json", "application/yaml");
        seen[0].GetProperty("text").GetString().Should().Be(Index);
        seen[1].GetProperty("text").GetString().Should().Be("greeting: hello\n");
        seen[2].GetProperty("text").GetString().Should().Be(Icon);
        seen[4].GetProperty("total").GetString().Should().Be("137");
        seen[4].GetProperty("text").GetString().Should().Be("""{"packages":[],"facets":[]}""");
        seen[7].GetProperty("text").GetString().Should().Be("replicas: 1\n");
        string?[] expected = [string.Equals(transport, "direct", StringComparison.Ordinal) ? "Bearer " + ServiceWorld.Ann() : null];
        catalog.Requests.Select(static request => request.Header("Authorization")).Distinct().Should().Equal(expected);
    }

    [Fact]
    public async Task H97_The_absolute_URL_of_an_icon_and_a_path_upwards_are_refused_with_a_message_and_never_fetched()
    {
        await using var catalog = new RawUpstream();
        await using var world = await ServiceWorld.StartAsync("direct");
        world.AddService("catalog", catalog.Port);

        var seen = await AskAsync(world, "https://icons.example/hello.png", "//icons.example/hello.png", "../secret");

        seen.Select(static one => one.GetProperty("status").GetInt32()).Should().AllBeEquivalentTo(400);
        seen.Select(static one => one.GetProperty("error").GetString()).Should().OnlyContain(static message => message!.Length > 0 && message[0] != '{');
        catalog.ConnectionCount.Should().Be(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/headlamp")]
    public async Task H98_A_repository_URL_from_a_settings_page_lists_the_charts(string baseUrl)
    {
        await using var world = await ServiceWorld.StartAsync("direct", options => options with { BaseUrl = baseUrl });

        var seen = await Script.RunAsync("repository.mjs", world.Http + baseUrl, "/serviceproxy/default/my-catalog-chartmuseum/", ServiceWorld.Ann());

        seen.GetProperty("status").GetInt32().Should().Be(200);
        seen.GetProperty("charts").GetProperty("hello")[0].GetProperty("name").GetString().Should().Be("hello");
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("apiserver")]
    public async Task H99_The_front_end_shows_the_message_of_every_refusal(string transport)
    {
        await using var catalog = new RawUpstream();
        await using var world = await ServiceWorld.StartAsync(transport);
        world.AddService("catalog", catalog.Port);

        var seen = await AskAsync(
            world,
            new Call("default", "catalog", "charts/index.yaml", null),
            new Call("default", "catalog", "charts/index.yaml", "nobody-has-this"),
            new Call("default", "catalog", "charts/index.yaml", ServiceWorld.Eve()),
            new Call("default", "missing", "charts/index.yaml", ServiceWorld.Eve()),
            new Call("default", "missing", "charts/index.yaml", ServiceWorld.Ann()),
            new Call("nowhere", "catalog", "charts/index.yaml", ServiceWorld.Ann()));

        seen.Select(static one => one.GetProperty("status").GetInt32()).Should().Equal(401, 401, 403, 403, 404, 404);
        var messages = seen.Select(static one => one.GetProperty("error").GetString()!).ToArray();
        messages.Should().OnlyContain(static message => message.Length > 0 && message[0] != '{' && !message.Contains("127.0.0.1", StringComparison.Ordinal));
        messages[2].Should().Contain("get resource \"services/proxy\"").And.Contain("namespace \"default\"");
        messages[4].Should().Be("services \"missing\" not found");
        messages[5].Should().Be("services \"catalog\" not found");
        seen.Select(static one => one.GetProperty("reload").ValueKind).Should().AllBeEquivalentTo(JsonValueKind.Null);
        catalog.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task H99_The_front_end_shows_a_message_without_an_address_when_the_Service_refuses_the_connection()
    {
        using var refused = new RefusedPort();
        await using var world = await ServiceWorld.StartAsync("direct");
        world.AddService("catalog", refused.Port);

        var seen = await AskAsync(world, "charts/index.yaml");

        seen[0].GetProperty("status").GetInt32().Should().Be(502);
        seen[0].GetProperty("error").GetString().Should().NotBeNullOrEmpty().And.NotStartWith("{").And.NotContain("127.0.0.1").And.NotContain("svc.cluster.local");
    }

    private static Task<JsonElement[]> AskAsync(ServiceWorld world, params string[] requests) =>
        AskAsync(world, [.. requests.Select(static request => new Call("default", "catalog", request, ServiceWorld.Ann()))]);

    private static async Task<JsonElement[]> AskAsync(ServiceWorld world, params Call[] calls) =>
        [.. (await Script.RunAsync("app-catalog.mjs", world.Http, ServiceWorld.Main, JsonSerializer.Serialize(calls, JsonSerializerOptions.Web))).EnumerateArray()];

    private sealed record Call(string Namespace, string Name, string Request, string? Token);
}
