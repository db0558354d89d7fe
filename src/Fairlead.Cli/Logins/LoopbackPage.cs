using System.Net;
using System.Text;

namespace Fairlead.Cli.Logins;

/// <summary>What a browser sees when it comes back.</summary>
internal static class LoopbackPage
{
    /// <summary>The whole answer, head and body.</summary>
    /// <param name="status">The status line's end, such as <c>200 OK</c>.</param>
    /// <param name="title">What has happened.</param>
    /// <param name="text">What to do now.</param>
    public static byte[] Of(string status, string title, string text)
    {
        var body = Encoding.UTF8.GetBytes(
            $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>{{WebUtility.HtmlEncode(title)}}</title></head>
            <body><h1>{{WebUtility.HtmlEncode(title)}}</h1><p>{{WebUtility.HtmlEncode(text)}}</p></body>
            </html>

            """);
        var head = $"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\nCache-Control: no-store\r\n"
            + "Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }
}
