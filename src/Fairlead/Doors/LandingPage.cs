using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Doors.Auth;

namespace Fairlead.Doors;

/// <summary>
/// The one page that Fairlead serves itself (decision 23): which doors there are, and the two globals by which plugins find the base URL
/// (contract <c>headlamp.md</c> D7, S24, F40). As it is sent it says nothing that a caller would have to be known for; who is signed in and what they
/// may reach its own script asks for.
/// </summary>
internal static class LandingPage
{
    /// <summary>Writes the page.</summary>
    /// <param name="http">The request.</param>
    /// <param name="baseUrl">The base URL, without a slash at the end.</param>
    /// <param name="hasLogin">Whether people can sign in with a browser.</param>
    public static Task WriteAsync(HttpContext http, string baseUrl, bool hasLogin)
    {
        var login = hasLogin ? $"""<p id="login"><a href="{WebUtility.HtmlEncode(baseUrl)}{AuthDoor.LoginPath}">Sign in</a></p>""" : """<p id="login"></p>""";
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var text = baseUrl.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("<", "\\u003c", StringComparison.Ordinal);
        var shown = WebUtility.HtmlEncode(baseUrl);
        var body = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Fairlead</title>
            <style nonce="{{nonce}}">
            body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 46rem; padding: 0 1rem; color: #1b2733 }
            h1 { margin-bottom: 0 } p { margin-top: .25rem } dt { font-family: ui-monospace, monospace; margin-top: 1rem } dd { margin: 0 0 0 1.5rem }
            </style>
            <script nonce="{{nonce}}">
            window.headlampBaseUrl = window.__headlampBaseURL__ = "{{text}}";
            addEventListener('DOMContentLoaded', async () => {
              const base = window.headlampBaseUrl;
              const me = await fetch(base + '/auth/me');
              if (!me.ok) return;
              const { name, login } = await me.json();
              const line = document.getElementById('login');
              line.textContent = name ? `Signed in as ${name}. ` : '';
              if (login === 'session') line.append(Object.assign(document.createElement('a'), { href: base + '{{AuthDoor.LogoutPath}}', textContent: 'Sign out' }));
              const clusters = await fetch(base + '/api/kubernetes/clusters');
              if (!clusters.ok) return;
              const { items } = await clusters.json();
              document.getElementById('clusters').textContent = items.map(item => item.name).join(', ') || 'none';
            });
            </script>
            </head>
            <body>
            <h1>Fairlead</h1>
            <p>The way to Kubernetes from a developer portal. Every door asks who you are.</p>
            {{login}}
            <dl>
            <dt>{{shown}}/api/kubernetes/proxy/…</dt><dd>API servers, for Backstage: the cluster stands in the header <code>Backstage-Kubernetes-Cluster</code>.</dd>
            <dt>{{shown}}/clusters/{cluster}/…</dt><dd>API servers, for kubectl, helm and client libraries.</dd>
            <dt>{{shown}}/serviceproxy/{namespace}/{service}/{path}</dt><dd>Any Service of a cluster by its name, from a browser too; below <code>{{shown}}/clusters/{cluster}</code> for a cluster other than the default one.</dd>
            <dt>{{shown}}/api/kubernetes/clusters</dt><dd>The clusters that you may reach: <span id="clusters">sign in to see them</span>.</dd>
            </dl>
            </body>
            </html>

            """));
        var headers = http.Response.Headers;
        http.Response.ContentType = "text/html; charset=utf-8";
        headers.ContentSecurityPolicy = $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        http.Response.ContentLength = body.Length;
        return HeadRequest.Is(http) ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }
}
