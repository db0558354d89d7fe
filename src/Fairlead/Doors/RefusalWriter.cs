using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Doors;

/// <summary>Answers a refusal in the shape of the door (contract F42; decision 4).</summary>
internal static class RefusalWriter
{
    /// <summary>Writes the answer. Nothing may have been sent before.</summary>
    /// <param name="http">The request.</param>
    /// <param name="door">The door.</param>
    /// <param name="refusal">The refusal.</param>
    /// <param name="backstageBase">The plugin base, which <c>request.url</c> leaves out.</param>
    public static Task WriteAsync(HttpContext http, Door door, Refusal refusal, string backstageBase)
    {
        var form = refusal.Reason.Form();
        var response = http.Response;
        var allow = response.Headers.Allow;
        response.Clear();
        response.Headers.Allow = allow;
        // What will pass by itself says when to come again.
        var retryAfter = refusal.RetryAfter ?? (form.Status is 429 or 503 ? 2 : null);
        response.Headers.RetryAfter = retryAfter?.ToString(CultureInfo.InvariantCulture);
        response.StatusCode = form.Status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers["Proxy-Status"] = form.ProxyStatus;
        response.Headers.XContentTypeOptions = "nosniff";
        if (door is Door.Service)
        {
            CacheHeaders.Forbid(response.Headers);
        }
        else
        {
            response.Headers.CacheControl = "no-store";
        }

        if (form.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        var body = door is Door.Backstage ? BackstageError(http, refusal, form, backstageBase) : Status(refusal, form, retryAfter);
        response.ContentLength = body.Length;
        return HeadRequest.Is(http) ? Task.CompletedTask : response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private static byte[] Status(Refusal refusal, RefusalForm form, int? retryAfter) => JsonSerializer.SerializeToUtf8Bytes(
        new StatusBody(
            "Status", "v1", new StatusMetadata(), "Failure", refusal.Message, form.StatusReason,
            new StatusDetails([new StatusCause($"Fairlead/{form.Layer}", refusal.Reason.ToString())], retryAfter), form.Status),
        DoorJson.Relaxed.StatusBody);

    private static byte[] BackstageError(HttpContext http, Refusal refusal, RefusalForm form, string backstageBase) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new BackstageErrorBody(
                new BackstageErrorName(form.BackstageName, refusal.Message),
                new BackstageErrorRequest(http.Request.Method, UrlWithoutQuery(http, backstageBase)),
                new BackstageErrorResponse(form.Status)),
            DoorJson.Relaxed.BackstageErrorBody);

    /// <summary>The URL from the plugin on, as Backstage writes it, and without the query: commands and selectors stand there.</summary>
    private static string UrlWithoutQuery(HttpContext http, string backstageBase)
    {
        var raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var question = raw.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? raw : raw[..question];
        return path.StartsWith(backstageBase + "/", StringComparison.Ordinal) ? path[backstageBase.Length..] : path;
    }
}
