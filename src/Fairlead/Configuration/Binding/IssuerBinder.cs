using System.Text.RegularExpressions;

namespace Fairlead.Configuration.Binding;

/// <summary><c>auth.jwt</c>, <c>auth.backstage</c>, and what they share with <c>auth.oidc</c>.</summary>
internal static partial class IssuerBinder
{
    public static List<JwtOptions> Jwt(Section auth)
    {
        var issuers = new List<JwtOptions>();
        foreach (var entry in auth.Children("jwt") ?? [])
        {
            var issuer = Issuer(entry);
            if (!entry.Has("audiences"))
            {
                entry.Missing("audiences", ": name at least one, so that tokens for somebody else are not taken for this gateway's");
            }

            var audiences = entry.Texts("audiences");
            if (audiences is [])
            {
                entry.Error("audiences", "the list is empty; name at least one");
            }

            var keys = entry.Text("jwksUrl") is { } text ? Address(entry, "jwksUrl", text) : null;
            var (algorithms, claims, caFile, skip) = (Algorithms(entry), Claims(entry), entry.FilePath("caFile"), SkipTlsVerify(entry));
            var name = entry.Text("name");
            entry.Close();
            if (issuer is null || audiences is null or [])
            {
                continue;
            }

            if (issuers.Exists(other => string.Equals(other.Issuer, issuer, StringComparison.Ordinal)))
            {
                entry.Error("issuer", "another entry has the same issuer; list all audiences in one");
                continue;
            }

            issuers.Add(new JwtOptions
            {
                Name = name ?? issuer, Issuer = issuer, Audiences = [.. audiences.Select(static item => item.Value)], KeysUrl = keys,
                Algorithms = algorithms, Claims = claims, CaFile = caFile, SkipTlsVerify = skip,
            });
        }

        return issuers;
    }

    public static BackstageOptions? Backstage(Section auth)
    {
        if (auth.Child("backstage") is not { } backstage)
        {
            return null;
        }

        var url = Base(backstage, backstage.RequiredText("url"), "url");
        var publicUrl = backstage.Has("publicUrl") ? Base(backstage, backstage.Text("publicUrl"), "publicUrl") : url;
        var plugins = backstage.Texts("plugins") ?? [];
        foreach (var plugin in plugins.Where(static item => !PluginId().IsMatch(item.Value)))
        {
            backstage.Context.Errors.Add(plugin.Path, "has to be a plugin's id: small letters, digits and dashes", plugin.Origin);
        }

        var caFile = backstage.FilePath("caFile");
        var permissions = backstage.Flag("permissions") ?? false;
        var token = TokenText.Bind(backstage, "token");
        backstage.Close();
        return url is null || publicUrl is null ? null
            : new BackstageOptions(url, publicUrl.OriginalString, [.. plugins.Select(static item => item.Value)], caFile) { Permissions = permissions, Token = token };
    }

    /// <summary><c>issuer</c>, as it stands in tokens.</summary>
    public static string? Issuer(Section entry) =>
        entry.RequiredText("issuer") is { } text && Address(entry, "issuer", text) is not null ? text : null;

    /// <summary>An address that keys or tokens come from: what can be changed on the way proves nothing.</summary>
    public static Uri? Address(Section entry, string key, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0
            && (url.Scheme is "https" || (url.Scheme is "http" && url.IsLoopback)))
        {
            return url;
        }

        entry.Error(key, "has to be an https address (http on this machine only), without query and user");
        return null;
    }

    public static IReadOnlyList<string> Algorithms(Section entry)
    {
        if (entry.Texts("algorithms") is not { } items)
        {
            return IssuerOptions.DefaultAlgorithms;
        }

        foreach (var item in items.Where(static item => !IssuerOptions.DefaultAlgorithms.Contains(item.Value, StringComparer.Ordinal)))
        {
            entry.Context.Errors.Add(item.Path, $"is no signature algorithm that counts here; known: {string.Join(", ", IssuerOptions.DefaultAlgorithms)}", item.Origin);
        }

        if (items.Count == 0)
        {
            entry.Error("algorithms", "the list is empty; leave the key out for all that are safe");
        }

        return [.. items.Select(static item => item.Value)];
    }

    public static ClaimOptions Claims(Section entry)
    {
        var defaults = new ClaimOptions();
        return new ClaimOptions
        {
            Username = entry.Text("usernameClaim") ?? defaults.Username,
            UsernamePrefix = entry.Text("usernamePrefix") ?? defaults.UsernamePrefix,
            Groups = entry.Text("groupsClaim") ?? defaults.Groups,
            GroupsPrefix = entry.Text("groupsPrefix") ?? defaults.GroupsPrefix,
            Kept = [.. (entry.Texts("claims") ?? []).Select(static item => item.Value).Distinct(StringComparer.Ordinal)],
        };
    }

    public static bool SkipTlsVerify(Section entry)
    {
        var skip = entry.Flag("skipTLSVerify") ?? false;
        if (skip)
        {
            entry.Context.Notice($"{entry.PathOf("skipTLSVerify")} is on, so anybody on the way can pretend to be the issuer, and with that to be anybody");
        }

        return skip;
    }

    /// <summary>The address of a portal's backend, without a slash at the end.</summary>
    public static Uri? Base(Section entry, string? text, string key)
    {
        if (text is null)
        {
            return null;
        }

        var trimmed = text.TrimEnd('/');
        if (Uri.TryCreate(trimmed, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0)
        {
            return url;
        }

        entry.Error(key, "has to be the address of the portal's backend, such as http://backstage:7007");
        return null;
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PluginId();
}
