using System.Text.Json.Nodes;

namespace Fairlead.Demo.Serving;

/// <summary>Writes answers.</summary>
internal static class Answers
{
    /// <summary>Writes an object.</summary>
    public static Task WriteAsync(HttpContext http, JsonNode body, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(body.ToJsonString() + "\n", http.RequestAborted);
    }

    /// <summary>Writes a refusal.</summary>
    public static Task WriteAsync(HttpContext http, ApiException refusal) => WriteAsync(http, Status(refusal), refusal.Code);

    /// <summary>A refusal as a <c>metav1.Status</c>.</summary>
    public static JsonObject Status(ApiException refusal)
    {
        var details = new JsonObject();
        foreach (var (key, value) in new[] { ("name", refusal.Name), ("group", refusal.Group), ("kind", refusal.Kind) })
        {
            if (!string.IsNullOrEmpty(value))
            {
                details[key] = value;
            }
        }

        if (refusal.Causes.Count > 0)
        {
            details["causes"] = new JsonArray([.. refusal.Causes.Select(static cause =>
                (JsonNode)new JsonObject { ["reason"] = cause.Type, ["message"] = cause.Message, ["field"] = cause.Field })]);
        }

        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = refusal.Message,
            ["reason"] = refusal.Reason,
            ["details"] = details,
            ["code"] = refusal.Code,
        };
    }
}
