using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Cli.Gateways;

/// <summary>Where a gateway is: https, a host, and the path below which it serves.</summary>
internal sealed record GatewayAddress
{
    private GatewayAddress(string text) => Text = text;

    /// <summary>The address without a slash at the end, spelt in one way.</summary>
    public string Text { get; }

    /// <summary>The address without its scheme, for names.</summary>
    public string Place => Text["https://".Length..];

    /// <summary>What a file about this gateway is called: readable, and different for every address.</summary>
    public string FileName
    {
        get
        {
            var readable = new string([.. Place.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_')]);
            return $"{readable[..Math.Min(readable.Length, 80)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))[..12]}";
        }
    }

    /// <summary>Reads <c>--server</c>.</summary>
    /// <exception cref="CommandFailure">It is no address of a gateway.</exception>
    public static GatewayAddress Parse(string text)
    {
        var full = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        if (!Uri.TryCreate(full, UriKind.Absolute, out var url) || url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0 || url.Host.Length == 0 || url.Scheme is not ("https" or "http"))
        {
            throw new CommandFailure($"'{Printable.Of(text)}' is no address of a gateway; write it as https://fairlead.example.com");
        }

        if (url.Scheme is "http")
        {
            throw new CommandFailure("The gateway has to be reached over https: kubectl sends no token over plain http, and a token on the way can be taken");
        }

        return new GatewayAddress(url.GetLeftPart(UriPartial.Path).TrimEnd('/'));
    }

    /// <summary>A path of the gateway.</summary>
    public Uri At(string path) => new(Text + path);

    /// <summary>The cluster door of a cluster, by the name that the gateway lists it under.</summary>
    public string OfCluster(string name) => $"{Text}/clusters/{Uri.EscapeDataString(name)}";
}
