using System.Diagnostics.CodeAnalysis;
using System.Net;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Kubernetes.Connections;

/// <summary>
/// A proxy, and apart from its URL who the gateway is there: a URL with a password in it would be printed by whatever prints URLs, and two that differ in nothing else are equal.
/// </summary>
/// <param name="Url">Its URL, without user info: http, https or socks5.</param>
/// <param name="UserInfo">User and password as they stand in a URL, parted by a colon and encoded; null for nobody.</param>
public sealed record ProxyAddress(Uri Url, Secret? UserInfo)
{
    /// <summary>The rule for a proxy's URL, as a message says it.</summary>
    public const string Rule = "has to be a full http, https or socks5 URL";

    /// <summary>User and password for the proxy; null for nobody.</summary>
    public NetworkCredential? Credential
    {
        get
        {
            if (UserInfo is null)
            {
                return null;
            }

            var parts = UserInfo.Reveal().Split(':', 2);
            return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }

    /// <summary>Reads the URL of a proxy. User info is legal there: it is how a proxy gets its password.</summary>
    /// <param name="text">The text.</param>
    /// <param name="proxy">The proxy.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ProxyAddress? proxy)
    {
        proxy = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https" or "socks5") || url.Host.Length == 0)
        {
            return false;
        }

        proxy = url.UserInfo.Length == 0
            ? new ProxyAddress(url, null)
            : new ProxyAddress(new Uri(url.GetComponents(UriComponents.SchemeAndServer | UriComponents.PathAndQuery, UriFormat.UriEscaped)), new Secret(url.UserInfo));
        return true;
    }

    /// <summary>The URL as a kubeconfig writes it, user info included.</summary>
    public Secret Whole() => UserInfo is null ? new Secret(Url.OriginalString) : new Secret($"{Url.Scheme}://{UserInfo.Reveal()}@{Url.Authority}{Url.PathAndQuery}");
}
