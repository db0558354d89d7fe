using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Fairlead.Doors.Auth;

/// <summary>Answers that the session door itself gives, and the bodies that it takes.</summary>
internal static class OwnAnswer
{
    /// <summary>Writes JSON that no cache keeps.</summary>
    public static Task WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> info)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, info);
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        CacheHeaders.Forbid(http.Response.Headers);
        http.Response.ContentLength = body.Length;
        return HeadRequest.Is(http) ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    /// <summary>Sends the browser on, with a GET (RFC 9110 15.4.4).</summary>
    public static void Redirect(HttpContext http, string location)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = location;
        // What the address holds is spent, but nobody has to know where somebody was.
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        CacheHeaders.Forbid(http.Response.Headers);
    }

    /// <summary>
    /// A page that goes on by itself to a path of this origin. After a redirect the browser would still say that the way began at another site
    /// (<c>Sec-Fetch-Site</c> is of the whole chain), and the cookie would not count there.
    /// </summary>
    public static Task ContinueAsync(HttpContext http, string path)
    {
        var shown = WebUtility.HtmlEncode(path);
        var body = Encoding.UTF8.GetBytes(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={shown}"><title>Signed in</title></head>
            <body><p>Signed in. <a href="{shown}">Go on</a></p></body>
            </html>

            """);
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        CacheHeaders.Forbid(http.Response.Headers);
        http.Response.ContentLength = body.Length;
        return HeadRequest.Is(http) ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    /// <summary>The refusal of a method.</summary>
    public static Refusal WrongMethod(HttpContext http, string allowed)
    {
        http.Response.Headers.Allow = allowed;
        return new Refusal(RefusalReason.MethodNotAllowed, $"The method is not served here; use {allowed}");
    }

    /// <summary>The refusal of a request.</summary>
    public static Refusal Invalid(string message) => new(RefusalReason.InvalidRequest, message);

    /// <summary>A body of at most so many bytes; null for a longer one.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContext http, int limit)
    {
        using var body = new MemoryStream();
        var buffer = new byte[4096];
        while (await http.Request.Body.ReadAsync(buffer, http.RequestAborted) is > 0 and var read)
        {
            if (body.Length + read > limit)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    /// <summary>A JSON body; null for what is none of that shape.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext http, int limit, JsonTypeInfo<T> info)
        where T : class
    {
        if (await ReadAsync(http, limit) is not { } body)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(body, info);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
