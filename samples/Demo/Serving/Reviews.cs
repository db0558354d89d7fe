using System.Text.Json.Nodes;
using Fairlead.Demo.Access;

namespace Fairlead.Demo.Serving;

/// <summary>Types that are answered, not stored: who am I, may I.</summary>
internal sealed class Reviews(Authenticator authenticator, Authorizer authorizer)
{
    /// <summary>Answers a review.</summary>
    public async Task AnswerAsync(ApiRequest request)
    {
        var body = (await request.ReadBodyAsync()).AsObject();
        var spec = body["spec"] as JsonObject ?? [];
        body["apiVersion"] = request.Type.ApiVersion;
        body["kind"] = request.Type.Kind;
        body["metadata"] ??= new JsonObject();
        body["status"] = request.Type.Kind switch
        {
            "SelfSubjectReview" => new JsonObject { ["userInfo"] = User(request.Caller) },
            "TokenReview" => Token(spec["token"]?.GetValue<string>() ?? ""),
            "SelfSubjectAccessReview" => Access(request.Caller, spec),
            _ => Access(Subject(spec), spec),
        };
        await Answers.WriteAsync(request.Http, body, 201);
    }

    private JsonObject Token(string token) => authenticator.Owner(token) is { } owner
        ? new JsonObject { ["authenticated"] = true, ["user"] = User(owner) }
        : new JsonObject { ["authenticated"] = false, ["error"] = "invalid bearer token" };

    private JsonObject Access(Identity who, JsonObject spec)
    {
        var what = spec["resourceAttributes"] as JsonObject ?? [];
        var resource = Text(what, "resource") + (Text(what, "subresource") is { Length: > 0 } sub ? "/" + sub : "");
        var allowed = authorizer.Allows(who, new Attributes(Text(what, "verb"), Text(what, "group"), resource, Text(what, "namespace"), Text(what, "name")));
        return new JsonObject { ["allowed"] = allowed };
    }

    private static Identity Subject(JsonObject spec) =>
        new(Text(spec, "user"), [.. (spec["groups"] as JsonArray ?? []).Select(static group => group!.GetValue<string>())]);

    private static JsonObject User(Identity who) => new()
    {
        ["username"] = who.Name,
        ["groups"] = new JsonArray([.. who.Groups.Select(static group => (JsonNode)JsonValue.Create(group))]),
    };

    private static string Text(JsonObject map, string key) => map[key]?.GetValue<string>() ?? "";
}
