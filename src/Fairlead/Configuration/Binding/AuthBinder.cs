namespace Fairlead.Configuration.Binding;

/// <summary><c>auth</c>. A section of which this version serves nothing still counts as present: the gateway is then not open by default.</summary>
internal static class AuthBinder
{
    private static readonly string[] NotServed = ["jwt", "backstage", "oidc"];

    public static AuthOptions? Bind(Section root)
    {
        if (root.Child("auth") is not { } auth)
        {
            return null;
        }

        var tokens = Static(auth);
        foreach (var issuer in auth.Children("jwt") ?? [])
        {
            issuer.RequiredText("issuer");
            issuer.Texts("audiences");
            issuer.Text("usernameClaim");
            issuer.Text("groupsClaim");
        }

        auth.Child("backstage")?.RequiredText("url");
        if (auth.Child("oidc") is { } oidc)
        {
            oidc.RequiredText("issuer");
            oidc.RequiredText("clientId");
            oidc.Text("clientSecret");
            oidc.Texts("scopes");
        }

        var review = auth.Flag("tokenReview");
        foreach (var key in NotServed.Where(auth.Has).Concat(review == true ? ["tokenReview"] : []))
        {
            auth.Context.Notice($"{auth.PathOf(key)} is not served by this version: callers of that kind are refused");
        }

        auth.Close();
        return new AuthOptions { Static = tokens };
    }

    private static List<StaticToken> Static(Section auth)
    {
        var tokens = new List<StaticToken>();
        foreach (var entry in auth.Children("static") ?? [])
        {
            var subject = entry.RequiredText("subject");
            var hash = Hash(entry);
            var groups = entry.Texts("groups") ?? [];
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

            tokens.Add(new StaticToken(subject, hash, [.. groups.Select(group => group.Value)]));
        }

        return tokens;
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
