using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Fairlead.EndToEndTests.Logins;

/// <content>Who signs in, and out: what OpenIddict leaves to its host. There is no password, and the cookie is the account's name.</content>
internal sealed partial class OpenIddictProvider
{
    private const string AuthorizationPath = "connect/authorize";
    private const string EndSessionPath = "connect/logout";
    private const string GroupsScope = "groups";
    private const string AccountCookie = "account";

    private static readonly Dictionary<string, string[]> _groups = new(StringComparer.Ordinal) { ["alice"] = ["devs", "admins"], ["bob"] = ["devs"] };

    private static void Map(WebApplication application)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Post];
        application.MapMethods("/" + AuthorizationPath, methods, Authorize);
        application.MapMethods("/" + EndSessionPath, methods, EndSession);
        application.MapMethods("/login", methods, (Delegate)LogInAsync);
    }

    private static IResult Authorize(HttpContext context)
    {
        var asked = context.GetOpenIddictServerRequest()!;
        if (context.Request.Cookies[AccountCookie] is not { } account || !_groups.TryGetValue(account, out var groups))
        {
            return Results.Redirect("/login" + QueryString.Create("return", context.Request.Path + context.Request.QueryString));
        }

        var identity = new ClaimsIdentity("login", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, account)
            .SetClaim(Claims.Name, account)
            .SetClaim(Claims.PreferredUsername, account)
            .SetClaim(Claims.Email, $"{account}@example.com")
            .SetClaim(Claims.EmailVerified, value: true)
            .SetClaims(GroupsScope, [.. groups])
            .SetScopes(asked.GetScopes())
            .SetDestinations(static _ => [Destinations.AccessToken, Destinations.IdentityToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), properties: null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static async Task<IResult> LogInAsync(HttpContext context)
    {
        var back = context.Request.Query["return"].ToString();
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : null;
        var account = form?["user"].ToString() ?? context.Request.Query["user"].ToString();
        if (!_groups.ContainsKey(account))
        {
            return Results.Content(
                $"""
                <!DOCTYPE html>
                <title>Sign in</title>
                <form method="post" action="/login?return={HtmlEncoder.Default.Encode(Uri.EscapeDataString(back))}">
                  <input type="text" name="user" required>
                  <input type="password" name="password">
                  <button type="submit">Sign in</button>
                </form>
                """,
                "text/html");
        }

        context.Response.Cookies.Append(AccountCookie, account, new CookieOptions { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax });
        return back.Length > 0 ? Results.LocalRedirect(back) : Results.Text($"Signed in as {account}.");
    }

    private static IResult EndSession(HttpContext context)
    {
        context.Response.Cookies.Delete(AccountCookie);
        // Where the request names no registered post_logout_redirect_uri.
        return Results.SignOut(new AuthenticationProperties { RedirectUri = "/login" }, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }
}
