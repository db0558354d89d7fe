using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.FirstRun;

/// <summary>
/// Without <c>auth</c>, on loopback only: a random token whose holder may use every cluster, as with <c>kubectl proxy</c>, but
/// not every process that can open a port (decision 9). With no <c>listen</c> either, https is served too, because kubectl sends
/// no token over http.
/// </summary>
internal sealed class FirstRunSetup
{
    private const string Subject = "first-run";
    private const int TokenBytes = 32;
    private static readonly Uri _https = new("https://127.0.0.1:8443");

    /// <summary>The token, made for this process.</summary>
    public Secret Token { get; } = new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes)));

    /// <summary>Whether <paramref name="options"/> call for a token: nobody else could get in, and nobody from outside can try.</summary>
    public static bool Applies(GatewayOptions options) => options.Auth is null && options.Listen.All(IsLoopback);

    /// <summary>The options with the token's holder let in.</summary>
    public GatewayOptions Apply(GatewayOptions options) => options with
    {
        Listen = options.HasDefaultListen ? [.. options.Listen, _https] : options.Listen,
        Auth = new AuthOptions
        {
            Static = [new StaticToken(Subject, SHA256.HashData(Encoding.UTF8.GetBytes(Token.Reveal())), [])],
        },
        AccessRules = [.. options.AccessRules, new AccessRule { Users = [Subject], Clusters = ["*"], Namespaces = ["*"], Resources = ["*"], Verbs = ["*"] }],
    };

    private static bool IsLoopback(Uri url) =>
        string.Equals(url.Host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
