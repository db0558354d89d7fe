using System.Text.Json.Nodes;
using Fairlead.Demo.Access;
using Fairlead.Demo.Resources;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Demo.Serving;

/// <summary>A request for a resource, taken apart.</summary>
internal sealed record ApiRequest
{
    /// <summary>The HTTP request.</summary>
    public required HttpContext Http { get; init; }

    /// <summary>The type of object.</summary>
    public required ResourceType Type { get; init; }

    /// <summary>The namespace; empty for none or all.</summary>
    public required string Namespace { get; init; }

    /// <summary>The object's name; empty for the collection.</summary>
    public required string Name { get; init; }

    /// <summary>The sub-resource; empty for none.</summary>
    public required string Subresource { get; init; }

    /// <summary>What follows a <c>proxy</c> sub-resource, byte for byte, with its slash; empty for nothing.</summary>
    public required string Tail { get; init; }

    /// <summary>Who asks.</summary>
    public Identity Caller { get; init; } = Identity.Anonymous;

    /// <summary>The verb.</summary>
    public string Verb => (Http.Request.Method, Name.Length > 0) switch
    {
        ("GET" or "HEAD", true) => "get",
        ("GET" or "HEAD", false) => IsTrue("watch") ? "watch" : "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => throw new ApiException(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
    };

    /// <summary>Whether nothing is to be stored.</summary>
    public bool DryRun => Query("dryRun") is "All";

    /// <summary>A query value; empty when absent.</summary>
    public string Query(string name) => Http.Request.Query[name].ToString();

    /// <summary>A query value as the API server reads booleans.</summary>
    public bool IsTrue(string name) => Http.Request.Query.TryGetValue(name, out var value) && value[0] is not ("0" or "false");

    /// <summary>Takes a path below <c>/api</c> or <c>/apis</c> apart; null when it names no stored type.</summary>
    public static ApiRequest? Parse(HttpContext http)
    {
        var parts = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var at = parts is ["api", ..] ? 1 : 2;
        if (parts.Length < at + 2)
        {
            return null;
        }

        var group = at == 1 ? "" : parts[1];
        var version = parts[at++];
        var @namespace = "";
        if (parts[at] is "namespaces" && parts.Length > at + 2 && parts[at + 2] is not ("status" or "finalize"))
        {
            @namespace = parts[at + 1];
            at += 2;
        }

        return ResourceCatalog.Find(group, version, parts[at]) is { } type
            ? new ApiRequest
            {
                Http = http,
                Type = type,
                Namespace = @namespace,
                Name = parts.ElementAtOrDefault(at + 1) ?? "",
                Subresource = parts.ElementAtOrDefault(at + 2) ?? "",
                Tail = TailOf(http, at + 3),
            }
            : null;
    }

    /// <summary>The raw path behind so many segments.</summary>
    private static string TailOf(HttpContext http, int segments)
    {
        var raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = raw.Split('?')[0];
        var at = 0;
        for (var i = 0; i < segments && at >= 0; i++)
        {
            at = path.IndexOf('/', at + 1);
        }

        return at < 0 ? "" : path[at..];
    }

    /// <summary>Reads the body: JSON, YAML, and for a few kinds protobuf.</summary>
    /// <exception cref="ApiException">It is something else.</exception>
    public async Task<JsonNode> ReadBodyAsync()
    {
        if (Http.Request.ContentType?.Contains("protobuf", StringComparison.Ordinal) == true)
        {
            using var bytes = new MemoryStream();
            await Http.Request.Body.CopyToAsync(bytes, Http.RequestAborted);
            return ProtobufObject.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length))
                ?? throw new ApiException(415, "UnsupportedMediaType", $"this server reads {Type.Kind} as JSON and YAML only");
        }

        using var reader = new StreamReader(Http.Request.Body);
        return ObjectText.Parse(await reader.ReadToEndAsync(Http.RequestAborted))
            ?? throw new ApiException(400, "BadRequest", "the object provided is unrecognized (must be of type " + Type.Kind + ")");
    }
}
