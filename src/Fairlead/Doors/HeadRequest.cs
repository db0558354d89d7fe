namespace Fairlead.Doors;

/// <summary>Whether an answer's body is left out.</summary>
internal static class HeadRequest
{
    /// <summary>
    /// Whether the server takes the request for a HEAD: in this spelling only. To it <c>head</c> is another method, whose answer has
    /// to be as long as its Content-Length says.
    /// </summary>
    public static bool Is(HttpContext http) => http.Request.Method is "HEAD";
}
