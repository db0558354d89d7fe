using System.Net;
using System.Net.Sockets;
using AwesomeAssertions;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Files;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.Tests.Clusters.Sources;

/// <summary>How a portal's catalog is asked.</summary>
public sealed class BackstageCatalogSourceTests : IAsyncDisposable
{
    private const string First =
        "/api/catalog/entities/by-query?fields=metadata.name%2Cmetadata.namespace%2Cmetadata.title%2Cmetadata.annotations&limit=500"
        + "&filter=kind%3DResource%2Cspec.type%3Dkubernetes-cluster%2Cmetadata.annotations.kubernetes.io%2Fapi-server"
        + "%2Cmetadata.annotations.kubernetes.io%2Fapi-server-certificate-authority%2Cmetadata.annotations.kubernetes.io%2Fauth-provider";

    private readonly RawUpstream _portal = new();
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task The_request_is_the_one_of_Backstages_own_locator_page_by_page()
    {
        _portal.Respond(request => RawAnswer.Json(200, request.Target.Contains("cursor=", StringComparison.Ordinal) ? Page("two") : Page("one", "a/b+c==")));

        var result = await ReadAsync(Locator with { Token = new Secret("tok") });

        result.Clusters.Select(static one => one.QualifiedName).Should().Equal("catalog/default/one", "catalog/default/two");
        _portal.Requests.Select(static request => request.RequestLine).Should().Equal(
            $"GET {First} HTTP/1.1",
            "GET /api/catalog/entities/by-query?fields=metadata.name%2Cmetadata.namespace%2Cmetadata.title%2Cmetadata.annotations&limit=500&cursor=a%2Fb%2Bc%3D%3D HTTP/1.1");
        _portal.Requests.Should().AllSatisfy(static request => request.Header("Authorization").Should().Be("Bearer tok"));
    }

    [Fact]
    public async Task A_token_file_is_read_for_every_question()
    {
        _portal.Respond(RawAnswer.Json(200, Page("one")));
        var locator = Locator with { TokenFile = _folder.Write("token", "first\n") };
        await ReadAsync(locator);
        _folder.Write("token", "second");
        await ReadAsync(locator);

        _portal.Requests.Select(static request => request.Header("Authorization")).Should().Equal("Bearer first", "Bearer second");
        File.Delete(_folder.Of("token"));
        (await FailureAsync(locator)).Should().Contain("has no token");
    }

    [Theory]
    [InlineData(401, "{}", "answers 401")]
    [InlineData(403, "{}", "answers 403")]
    [InlineData(302, "{}", "answers 302")]
    [InlineData(500, "{}", "answers 500")]
    [InlineData(200, "geheim", "no list of clusters")]
    [InlineData(200, "[]", "no list of clusters")]
    [InlineData(200, "null", "no list of clusters")]
    [InlineData(200, "{}", "no list of entities")]
    [InlineData(200, "{\"items\":null}", "no list of entities")]
    [InlineData(200, "{\"items\":{}}", "no list of clusters")]
    [InlineData(200, "{\"items\":[],\"pageInfo\":{\"nextCursor\":7}}", "no list of clusters")]
    [InlineData(200, "{\"items\":[],\"pageInfo\":{\"nextCursor\":\"again\"}}", "pages without end")]
    public async Task A_portal_that_makes_no_sense_is_a_problem_of_the_whole_source(int status, string body, string words)
    {
        _portal.Respond(RawAnswer.Json(status, body));

        (await FailureAsync(Locator with { Token = new Secret("geheim") })).Should().Contain(words).And.NotContain("geheim");
    }

    [Fact]
    public async Task A_catalog_that_is_too_large_is_not_read_to_its_end()
    {
        _portal.Respond(RawAnswer.Json(200, "{\"items\":[],\"pageInfo\":{\"nextCursor\":\"again\"}}" + new string(' ', 31 * 1024 * 1024)));

        (await FailureAsync(Locator)).Should().Contain("128 MiB");
        _portal.Requests.Should().HaveCount(5);
    }

    [Fact]
    public async Task One_entity_that_cannot_be_read_leaves_the_others_alone()
    {
        _portal.Respond(RawAnswer.Json(200, Page("one").Replace("[", """[7, null, "x", {}, { "metadata": { "name": "\ud800" } }, { "metadata": { "name": "bad", "annotations": [] } }, """, StringComparison.Ordinal)));

        var result = await ReadAsync(Locator);

        result.Clusters.Select(static one => one.Name).Should().Equal("one");
        result.Problems.Should().HaveCount(6).And.Contain("entity 'bad' is ignored: it cannot be read");
    }

    [Theory]
    [InlineData("93.184.215.14", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("93.184.215.14 127.0.0.1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("", true)]
    public async Task B102_A_name_that_leads_to_an_address_that_is_not_public_is_ignored(string addresses, bool stands)
    {
        _portal.Respond(RawAnswer.Json(200, Page("one")));
        Task<IPAddress[]> Resolve(string host, CancellationToken cancellationToken) => addresses.Length == 0
            ? Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound))
            : Task.FromResult(addresses.Split(' ').Select(static one => IPAddress.Parse(one)).ToArray());

        var result = await new BackstageCatalogSource(Locator, new SourceHttp(), new PublicHosts(Resolve)).ReadAsync(CancellationToken.None);

        result.Clusters.Should().HaveCount(stands ? 1 : 0);
        result.Problems.Should().HaveCount(stands ? 0 : 1);
    }

    [Fact]
    public async Task Without_a_portal_it_says_which_key_to_set() => (await FailureAsync(Locator with { Url = null })).Should().Contain("set url, or auth.backstage.url");

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        _folder.Dispose();
    }

    private ClusterLocator.BackstageCatalog Locator => new("catalog", TimeSpan.FromMinutes(1)) { Url = new Uri(_portal.Url) };

    private static Task<ClusterSourceResult> ReadAsync(ClusterLocator.BackstageCatalog locator) => Remote.Reader.ReadAsync(locator, CancellationToken.None);

    private static async Task<string> FailureAsync(ClusterLocator.BackstageCatalog locator)
    {
        var reading = () => ReadAsync(locator);
        return (await reading.Should().ThrowAsync<ClusterSourceException>()).Which.Message;
    }

    private static string Page(string name, string? cursor = null) => $$"""
        { "items": [{ "metadata": { "name": "{{name}}", "annotations": { "kubernetes.io/api-server": "https://api.example", "kubernetes.io/auth-provider": "google" } } }],
          "totalItems": 2, "pageInfo": { {{(cursor is null ? "" : $"\"nextCursor\": \"{cursor}\"")}} } }
        """;
}
