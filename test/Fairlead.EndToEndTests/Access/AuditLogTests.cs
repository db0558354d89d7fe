using System.Text;
using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Doors;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Testing.Access;
using Xunit;

namespace Fairlead.EndToEndTests.Access;

/// <summary>
/// What the gateway takes a request for is what a real API server takes it for, by the word of its audit log. The requests go straight to it: what
/// the gateway forwards are the same bytes. The port of its parser that other tests compare with is checked in passing.
/// </summary>
public sealed class AuditLogTests(AuditedApiServer server) : IClassFixture<AuditedApiServer>
{
    /// <summary>The treacherous requests, by their place in the table.</summary>
    public static TheoryData<int, string> Treacherous { get; } = new(RequestCases.Treacherous.Select(static (request, index) => (index, request.ToString())));

    [Fact]
    public async Task T102_A_request_is_to_the_API_server_what_it_is_to_the_gateway()
    {
        KubeApiServer.SkipTestWithout();

        var answers = await server.SendAsync(RequestCases.All);

        answers.Where(static answer => Read(answer.Request) is not { } action || !IsSame(action, answer.Request, answer.Action)).Should().BeEmpty();
        answers.Where(static answer => answer.Request.GatewayName is not null).Select(static answer => answer.Status)
            .Should().AllSatisfy(static status => status.Should().Be(400, "a name that only the gateway sees must not be answered"));
    }

    [Theory]
    [MemberData(nameof(Treacherous))]
    public async Task T102_A_treacherous_request_is_refused_or_is_the_same_to_the_API_server(int index, string request)
    {
        KubeApiServer.SkipTestWithout();
        var treacherous = RequestCases.Treacherous[index];

        var answer = (await server.SendAsync([treacherous])).Should().ContainSingle().Which;

        var action = Read(treacherous);
        var isSame = action is null || IsSame(action, treacherous, answer.Action);
        isSame.Should().BeTrue(
            "{0} is {1} to the gateway, and to the server {2} {3}, answered with {4}", request, action, answer.Action.Verb, answer.Action.Object, answer.Status);
    }

    [Fact]
    public async Task The_port_of_the_API_servers_parser_says_what_the_API_server_says()
    {
        KubeApiServer.SkipTestWithout();

        var answers = await server.SendAsync([.. RequestCases.All, .. RequestCases.Treacherous]);

        answers.Where(static answer => !IsSame(Model(answer.Request), answer.Action)).Should().BeEmpty();
    }

    private static KubernetesAction? Read(RequestCase request) =>
        RequestTarget.Parse(request.Target, 24 * 1024, out _) is { } target
            ? KubernetesActionParser.Parse(target, 0, request.Method, request.IsUpgrade, out _)
            : null;

    private static RequestInfo Model(RequestCase request) => RequestInfo.Parse(request.Method, GoTarget.Parse(request.Target, hasQueryLimit: true)!);

    private static bool IsSame(KubernetesAction action, RequestCase request, AuditedAction audited) =>
        action.IsResourceRequest == audited.IsResourceRequest
        && string.Equals(action.Verb, request.GatewayVerb ?? audited.Verb, StringComparison.Ordinal)
        && (audited.IsResourceRequest
            ? (action.ApiGroup, action.ApiVersion, action.Namespace, action.Resource, action.Subresource, action.Name)
                == (request.GatewayName is { } name ? audited.Object with { Name = name } : audited.Object)
            : string.Equals(PathOf(action.Path), PathOf(audited.RequestUri), StringComparison.Ordinal));

    private static bool IsSame(RequestInfo model, AuditedAction audited) =>
        model.IsResourceRequest == audited.IsResourceRequest
        && string.Equals(model.Verb, audited.Verb, StringComparison.Ordinal)
        && (audited.IsResourceRequest
            ? (model.ApiGroup, model.ApiVersion, model.Namespace, model.Resource, model.Subresource, Text(model.Name)) == audited.Object
            : string.Equals(model.Path.TrimEnd('/'), PathOf(audited.RequestUri), StringComparison.Ordinal));

    private static string PathOf(string target) => GoTarget.Parse(target, hasQueryLimit: true)!.Path.TrimEnd('/');

    private static string Text(string bytes) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));
}
