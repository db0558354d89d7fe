using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Kubernetes.Connections;

/// <summary>The rules for an API server's URL (contract F28).</summary>
public static class ServerUrl
{
    /// <summary>Reads a URL.</summary>
    /// <param name="text">The text.</param>
    /// <param name="url">The URL.</param>
    /// <param name="problem">What is wrong. The text is not repeated, since user info in it is a password.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        url = null;
        problem = Fault(text, out var parsed);
        if (problem is null)
        {
            url = parsed;
        }

        return problem is null;
    }

    private static string? Fault(string text, out Uri? url)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out url)
            || (!IsScheme(url, Uri.UriSchemeHttp) && !IsScheme(url, Uri.UriSchemeHttps))
            || url.Host.Length == 0
            || text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '\\'))
        {
            return "has to be a full URL such as https://10.0.0.1:6443";
        }

        // Uri.UserInfo is empty for https://@host, so the text itself is looked at.
        if (Authority(text).Contains('@'))
        {
            return "must not hold user info; give the credential by its own key";
        }

        if (text.Contains('?', StringComparison.Ordinal))
        {
            return "must not have a query";
        }

        return text.Contains('#', StringComparison.Ordinal) ? "must not have a fragment" : null;
    }

    private static ReadOnlySpan<char> Authority(ReadOnlySpan<char> text)
    {
        var rest = text[(text.IndexOf("://") + 3)..];
        var end = rest.IndexOfAny("/?#");
        return end < 0 ? rest : rest[..end];
    }

    private static bool IsScheme(Uri url, string scheme) => string.Equals(url.Scheme, scheme, StringComparison.Ordinal);
}
