using System.Net;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary><c>listen</c>, <c>tls</c>, <c>management</c>, <c>baseUrl</c>, <c>publicUrl</c>.</summary>
internal static class ListenBinder
{
    private const string Wanted = "has to be http://ADDRESS:PORT or https://ADDRESS:PORT with an IP address or localhost";

    public static GatewayOptions Bind(Section root, GatewayOptions options)
    {
        var listen = Listen(root);
        var tls = Tls(root);
        var (management, off) = Management(root);
        if (tls is null && !root.Has("tls") && listen.Append(management).Any(IsHttps))
        {
            root.Error("tls", "is missing: an https listener needs tls.certFile and tls.keyFile");
        }

        var managementListen = off ? null : management ?? options.ManagementListen;
        var addresses = listen.Count == 0 ? options.Listen : listen;
        if (managementListen is { Port: > 0 } && addresses.Any(url => IsSame(url, managementListen)))
        {
            root.Error("management", $"the management listener and a public listener have the same address {managementListen.Authority}");
        }

        return options with
        {
            Listen = addresses,
            Tls = tls,
            ManagementListen = managementListen,
            BaseUrl = BaseUrl(root) ?? options.BaseUrl,
            PublicUrl = PublicUrl(root),
        };
    }

    private static List<Uri> Listen(Section root)
    {
        var urls = new List<Uri>();
        foreach (var item in root.OneOrMoreTexts("listen") ?? [])
        {
            if (Address(item, root.Context) is not { } url)
            {
                continue;
            }

            if (url.Port > 0 && urls.Exists(other => IsSame(other, url)))
            {
                root.Context.Errors.Add(item.Path, "the address is listed twice", item.Origin);
            }

            urls.Add(url);
        }

        if (root.Has("listen") && root.Node("listen") is ListNode { Items.Count: 0 })
        {
            root.Error("listen", "the list is empty; name an address, or leave the key out");
        }

        return urls;
    }

    private static Uri? Address(TextItem item, BindingContext context)
    {
        if (!Uri.TryCreate(item.Value, UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https")
            || !(IPAddress.TryParse(url.Host.Trim('[', ']'), out _) || string.Equals(url.Host, "localhost", StringComparison.OrdinalIgnoreCase)))
        {
            context.Errors.Add(item.Path, Wanted, item.Origin);
            return null;
        }

        var rest = item.Value.AsSpan()[(url.Scheme.Length + 3)..];
        var authority = rest.IndexOfAny("/?#") is >= 0 and var end ? rest[..end] : rest;
        var tail = rest[authority.Length..];
        if (authority.Contains('@') || tail is not ("" or "/"))
        {
            context.Errors.Add(item.Path, $"{Wanted}, and nothing after the port; a path is given by baseUrl", item.Origin);
            return null;
        }

        if (authority.LastIndexOf(':') is not (>= 0 and var colon) || authority[(colon + 1)..].ContainsAnyExceptInRange('0', '9') || colon == authority.Length - 1)
        {
            context.Errors.Add(item.Path, $"{Wanted}; the port is missing", item.Origin);
            return null;
        }

        return url;
    }

    private static TlsFiles? Tls(Section root)
    {
        if (root.Child("tls") is not { } tls)
        {
            return null;
        }

        var (cert, key) = (Required(tls, "certFile"), Required(tls, "keyFile"));
        tls.Close();
        return cert is null || key is null ? null : new TlsFiles(cert, key);
    }

    private static string? Required(Section section, string key)
    {
        if (!section.Has(key))
        {
            section.Missing(key);
        }

        return section.FilePath(key);
    }

    private static (Uri? Url, bool Off) Management(Section root)
    {
        if (root.Child("management") is not { } management)
        {
            return (null, false);
        }

        Uri? url = null;
        var off = management.Node("listen") is ScalarNode { Text: "off" or "false" };
        if (!off && management.Item("listen") is { } item)
        {
            url = Address(item, root.Context);
        }

        management.Close();
        return (url, off);
    }

    private static string? BaseUrl(Section root)
    {
        if (root.Text("baseUrl") is not { } text)
        {
            return null;
        }

        if (text.Contains("://", StringComparison.Ordinal))
        {
            root.Error("baseUrl", "has to be a path such as /gw; a full URL is given by publicUrl");
            return null;
        }

        var path = text.EndsWith('/') ? text[..^1] : text;
        var fine = path.Length == 0 || (path[0] == '/' && path[1..].Split('/').All(IsPlainSegment));
        if (fine)
        {
            return path;
        }

        root.Error("baseUrl", "has to be a path such as /gw: it begins with a slash, and holds letters, digits, '-', '_', '.' and '~' only");
        return null;
    }

    private static bool IsPlainSegment(string segment) =>
        segment is not ("" or "." or "..") && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~');

    private static Uri? PublicUrl(Section root)
    {
        if (root.Text("publicUrl") is not { } text)
        {
            return null;
        }

        if (WebOrigin.TryParse(text, out var origin))
        {
            return origin;
        }

        root.Error("publicUrl", "has to be an origin such as https://fairlead.example.com, without path; a path is given by baseUrl");
        return null;
    }

    private static bool IsHttps(Uri? url) => string.Equals(url?.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal);

    private static bool IsSame(Uri one, Uri other) => string.Equals(one.Authority, other.Authority, StringComparison.OrdinalIgnoreCase);
}
