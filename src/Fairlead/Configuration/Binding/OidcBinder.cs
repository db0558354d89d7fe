using System.Net;
using Fairlead.Doors.Auth;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Configuration.Binding;

/// <summary><c>auth.oidc</c>: one provider, or a list of them.</summary>
internal static class OidcBinder
{
    public static List<OidcOptions> Bind(Section auth, GatewayOptions options)
    {
        var providers = new List<OidcOptions>();
        var sections = auth.Node("oidc") is ListNode ? auth.Children("oidc") : auth.Child("oidc") is { } single ? [single] : null;
        foreach (var entry in sections ?? [])
        {
            if (Provider(entry, options) is not { } provider)
            {
                continue;
            }

            if (providers.Exists(other => string.Equals(other.Name, provider.Name, StringComparison.OrdinalIgnoreCase)))
            {
                entry.Error("name", $"another provider is called '{provider.Name}'; every provider needs a name of its own");
                continue;
            }

            providers.Add(provider);
        }

        return providers;
    }

    private static OidcOptions? Provider(Section entry, GatewayOptions options)
    {
        var (issuer, clientId) = (IssuerBinder.Issuer(entry), entry.RequiredText("clientId"));
        var secret = entry.Text("clientSecret");
        var scopes = Scopes(entry) ?? OidcOptions.DefaultScopes;
        var clusterToken = entry.Choice("clusterToken", "id_token", "access_token");
        var callback = Callback(entry, options);
        var (name, audience, tokenIssuer) = (entry.Text("name"), entry.Text("audience"), entry.Text("tokenIssuer"));
        var (algorithms, claims, caFile, skip) = (IssuerBinder.Algorithms(entry), IssuerBinder.Claims(entry), entry.FilePath("caFile"), IssuerBinder.SkipTlsVerify(entry));
        var cli = CliBinder.Bind(entry, scopes);
        entry.Close();
        if (issuer is null || clientId is null || callback is null)
        {
            return null;
        }

        return new OidcOptions
        {
            Name = name ?? OidcOptions.DefaultName, Issuer = issuer, ClientId = clientId, ClientSecret = secret is null ? null : new Secret(secret), CallbackUrl = callback,
            UseAccessToken = clusterToken is "access_token", Audience = audience, TokenIssuer = tokenIssuer,
            Algorithms = algorithms, Claims = claims, CaFile = caFile, SkipTlsVerify = skip, Scopes = scopes, Cli = cli,
        };
    }

    /// <summary><c>scopes</c>, with <c>openid</c>; null where none are configured.</summary>
    public static IReadOnlyList<string>? Scopes(Section entry)
    {
        if (entry.OneOrMoreTexts("scopes") is not { } items)
        {
            return null;
        }

        string[] scopes = [.. items.SelectMany(static item => item.Value.Split([',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        return scopes.Contains("openid", StringComparer.Ordinal) ? scopes : ["openid", .. scopes];
    }

    /// <summary>Configured, else below <c>publicUrl</c>, else below the only address where a gateway on loopback is.</summary>
    private static Uri? Callback(Section entry, GatewayOptions options)
    {
        var own = options.PublicUrl ?? (options.Listen.All(static url => IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) ? IPAddress.IsLoopback(address) : url.IsLoopback)
            ? options.Listen.FirstOrDefault(static url => url.Port > 0) : null);
        if (entry.Text("callbackUrl") is { } text)
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Query.Length > 0 || url.Fragment.Length > 0
                || !(string.Equals(url.AbsolutePath, options.BaseUrl + AuthDoor.CallbackPath, StringComparison.Ordinal)
                    || string.Equals(url.AbsolutePath, options.BaseUrl + AuthDoor.HeadlampCallbackPath, StringComparison.Ordinal)))
            {
                entry.Error("callbackUrl", $"has to be the gateway's own address with the path {options.BaseUrl}{AuthDoor.CallbackPath} or {options.BaseUrl}{AuthDoor.HeadlampCallbackPath}");
                return null;
            }

            if (options.PublicUrl is { } one && !string.Equals(one.GetLeftPart(UriPartial.Authority), url.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase))
            {
                entry.Error("callbackUrl", "has another origin than publicUrl; the browser's cookies would not come back");
                return null;
            }

            return url;
        }

        if (own is null)
        {
            entry.Error("callbackUrl", "is missing: the provider has to know where to send browsers back to; set publicUrl, the address under which browsers reach this gateway");
            return null;
        }

        return new Uri(own.GetLeftPart(UriPartial.Authority) + options.BaseUrl + AuthDoor.CallbackPath);
    }
}
