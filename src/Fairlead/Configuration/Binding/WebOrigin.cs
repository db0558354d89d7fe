using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Configuration.Binding;

/// <summary>A web origin: scheme, host, port, nothing else (RFC 6454).</summary>
internal static class WebOrigin
{
    private static readonly SearchValues<char> Foreign = SearchValues.Create("/?#@\\*");

    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? origin)
    {
        origin = null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            && url.Host.Length > 0
            && !text.AsSpan(url.Scheme.Length + 3).TrimEnd('/').ContainsAny(Foreign)
            && url.AbsolutePath is "/")
        {
            origin = new Uri(url.GetLeftPart(UriPartial.Authority));
        }

        return origin is not null;
    }
}
