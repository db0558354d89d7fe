namespace Fairlead.Configuration.Binding;

/// <summary><c>auth</c>. A section in which nothing stands still counts as present: the gateway is then not open by default.</summary>
internal static class AuthBinder
{
    public static AuthOptions? Bind(Section root, GatewayOptions options)
    {
        if (root.Child("auth") is not { } auth)
        {
            return null;
        }

        var bound = new AuthOptions
        {
            Static = Static(auth),
            Jwt = IssuerBinder.Jwt(auth),
            Backstage = IssuerBinder.Backstage(auth),
            TokenReview = auth.Flag("tokenReview") ?? false,
            Oidc = OidcBinder.Bind(auth, options),
        };
        if (bound.Backstage is { } portal && bound.Jwt.FirstOrDefault(issuer => string.Equals(issuer.Issuer, portal.PublicUrl + "/api/auth", StringComparison.Ordinal)) is not null)
        {
            auth.Error("jwt", "has the issuer of auth.backstage; leave it out, Backstage's tokens are known by auth.backstage");
        }

        auth.Close();
        return bound;
    }

    private static List<StaticToken> Static(Section auth)
    {
        var tokens = new List<StaticToken>();
        foreach (var entry in auth.Children("static") ?? [])
        {
            var subject = entry.RequiredText("subject");
            var hash = Hash(entry);
            var groups = entry.Texts("groups") ?? [];
            var claims = Claims(entry);
            entry.Close();
            if (hash is null || subject is null)
            {
                continue;
            }

            if (tokens.Exists(other => other.TokenSha256.Span.SequenceEqual(hash)))
            {
                entry.Error("tokenSha256", "another entry has the same token; every token stands for one caller");
                continue;
            }

            tokens.Add(new StaticToken(subject, hash, [.. groups.Select(group => group.Value)]) { Claims = claims });
        }

        return tokens;
    }

    private static Dictionary<string, IReadOnlyList<string>> Claims(Section entry)
    {
        var claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (entry.Child("claims") is { } child)
        {
            foreach (var name in child.Keys.ToList())
            {
                claims[name] = [.. (child.OneOrMoreTexts(name) ?? []).Select(static item => item.Value)];
            }
        }

        return claims;
    }

    private static byte[]? Hash(Section entry)
    {
        if (entry.RequiredText("tokenSha256", ": the SHA-256 of the token in hex (printf %s TOKEN | sha256sum)") is not { } text)
        {
            return null;
        }

        // Not repeated: somebody may have written the token itself here.
        if (text.Length == 64 && text.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(text);
        }

        entry.Error("tokenSha256", "has to be 64 hex digits: the SHA-256 of the token (printf %s TOKEN | sha256sum)");
        return null;
    }
}
