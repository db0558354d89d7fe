using System.Text;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Doors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Fairlead.Tests.Doors;

public sealed class RefusalWriterTests
{
    [Fact]
    public async Task F42_The_Backstage_door_answers_in_the_contracts_shape()
    {
        var (response, body) = await WriteAsync(
            Door.Backstage, new Refusal(RefusalReason.ClusterAmbiguous, "Cluster name 'prod' is ambiguous, use one of: config/prod, gke/prod"), "/api/kubernetes/proxy/api/v1/namespaces");

        body.Should().Be(
            """{"error":{"name":"ConflictError","message":"Cluster name 'prod' is ambiguous, use one of: config/prod, gke/prod"},"request":{"method":"GET","url":"/proxy/api/v1/namespaces"},"response":{"statusCode":409}}""");
        response.StatusCode.Should().Be(409);
        response.ContentType.Should().Be("application/json; charset=utf-8");
        response.Headers["Proxy-Status"].ToString().Should().Be("fairlead; error=http_request_error");
        response.ContentLength.Should().Be(body.Length);
    }

    [Fact]
    public async Task Decision4_The_cluster_door_answers_with_a_Status_that_names_the_layer()
    {
        var (response, body) = await WriteAsync(Door.Cluster, new Refusal(RefusalReason.NotAllowed, "Unauthorized"), "/clusters/kind/api");

        body.Should().Be(
            """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Forbidden","details":{"causes":[{"field":"Fairlead/decision","reason":"NotAllowed"}]},"code":403}""");
        response.StatusCode.Should().Be(403);
    }

    [Theory]
    [InlineData("/api/kubernetes/proxy/x?command=SENTINEL", "/proxy/x")]
    [InlineData("/api/kubernetes/proxy?SENTINEL", "/proxy")]
    [InlineData("/api/kubernetes/clusters", "/clusters")]
    [InlineData("/elsewhere?SENTINEL", "/elsewhere")]
    [InlineData("/api/kubernetesx/y", "/api/kubernetesx/y")]
    [InlineData("/a\"b\\c?SENTINEL", "/a\"b\\c")]
    public async Task B104_The_URL_begins_at_the_plugin_and_has_no_query(string target, string expected)
    {
        var (_, body) = await WriteAsync(Door.Backstage, new Refusal(RefusalReason.InvalidTarget, "x"), target);

        using var json = JsonDocument.Parse(body);
        json.RootElement.GetProperty("request").GetProperty("url").GetString().Should().Be(expected);
        body.Should().NotContain("SENTINEL");
    }

    [Theory]
    [InlineData("MissingCredentials", true)]
    [InlineData("IllegalToken", true)]
    [InlineData("ClusterTokenRequired", true)]
    [InlineData("NotAllowed", false)]
    public async Task B54_Only_a_401_asks_for_a_bearer_token(string reason, bool asks)
    {
        var (response, _) = await WriteAsync(Door.Backstage, new Refusal(Enum.Parse<RefusalReason>(reason), "x"), "/");

        response.Headers.WWWAuthenticate.ToString().Should().Be(asks ? "Bearer" : "");
    }

    [Fact]
    public async Task B04_HEAD_is_answered_without_a_body()
    {
        var (response, body) = await WriteAsync(Door.Backstage, new Refusal(RefusalReason.NotAllowed, "x"), "/", "HEAD");

        body.Should().BeEmpty();
        response.ContentLength.Should().BePositive();
    }

    [Fact]
    public async Task Nothing_that_was_set_before_is_left_but_Allow()
    {
        var http = Context("/", "TRACE");
        http.Response.Headers.Allow = "GET";
        http.Response.Headers["X-Before"] = "1";
        http.Response.StatusCode = 200;

        await RefusalWriter.WriteAsync(http, Door.Backstage, new Refusal(RefusalReason.MethodNotAllowed, "x"), "/api/kubernetes");

        http.Response.StatusCode.Should().Be(405);
        http.Response.Headers.Allow.ToString().Should().Be("GET");
        http.Response.Headers.Should().NotContainKey("X-Before");
    }

    [Fact]
    public async Task T79_Control_characters_of_a_message_are_escaped()
    {
        var (_, body) = await WriteAsync(Door.Cluster, new Refusal(RefusalReason.ClusterNotFound, "Cluster '\u001b[31m\"\n' not found"), "/");

        body.Any(char.IsControl).Should().BeFalse();
        using var json = JsonDocument.Parse(body);
        json.RootElement.GetProperty("message").GetString().Should().Be("Cluster '\u001b[31m\"\n' not found");
    }

    private static async Task<(HttpResponse Response, string Body)> WriteAsync(Door door, Refusal refusal, string target, string method = "GET")
    {
        var http = Context(target, method);
        await RefusalWriter.WriteAsync(http, door, refusal, "/api/kubernetes");
        return (http.Response, Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray()));
    }

    private static DefaultHttpContext Context(string target, string method)
    {
        var http = new DefaultHttpContext();
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        http.Request.Method = method;
        http.Response.Body = new MemoryStream();
        return http;
    }
}
