namespace Fairlead.Configuration.Binding;

/// <summary><c>auth.oidc[].cli</c>: how people sign in on their own machines.</summary>
internal static class CliBinder
{
    /// <summary>Binds it.</summary>
    /// <param name="entry">The provider.</param>
    /// <param name="scopes">The provider's scopes.</param>
    public static CliOptions? Bind(Section entry, IReadOnlyList<string> scopes)
    {
        if (entry.Child("cli") is not { } cli)
        {
            return null;
        }

        if (entry.Has("tokenIssuer"))
        {
            entry.Error("cli", "does not go with tokenIssuer: the gateway takes the command line's ID tokens by the issuer's own keys");
        }

        var clientId = cli.RequiredText("clientId", ": a public client at the provider, with the redirect URI http://127.0.0.1/callback on any port");
        var secret = cli.Text("clientSecret");
        if (secret is not null && string.Equals(secret, entry.Text("clientSecret"), StringComparison.Ordinal))
        {
            cli.Error("clientSecret", "is the secret of the browser logins; the gateway tells this one to everybody, so the command line needs a client of its own");
        }

        var own = OidcBinder.Scopes(cli);
        var redirect = cli.Text("redirectUrl") is { } text ? Redirect(cli, text) : CliOptions.DefaultRedirectUrl;
        cli.Close();
        return clientId is null || redirect is null ? null : new CliOptions { ClientId = clientId, ClientSecret = secret, Scopes = own ?? scopes, RedirectUrl = redirect };
    }

    private static Uri? Redirect(Section cli, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http", Query: "", Fragment: "", UserInfo: "" } && url.Host is "127.0.0.1" or "localhost" or "[::1]")
        {
            return url;
        }

        cli.Error("redirectUrl", "has to be http on 127.0.0.1, [::1] or localhost, as it is registered at the provider; without a port the system chooses one");
        return null;
    }
}
