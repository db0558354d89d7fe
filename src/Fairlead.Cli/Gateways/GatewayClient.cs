using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Fairlead.Cli.Http;

namespace Fairlead.Cli.Gateways;

/// <summary>Asks a gateway.</summary>
internal sealed class GatewayClient(GatewayAddress address, SecureHttp http, TimeProvider time)
{
    private static readonly TimeSpan _toleratedSkew = TimeSpan.FromMinutes(1);

    private string What => $"The gateway {address.Text}";

    /// <summary>Where people can sign in.</summary>
    /// <exception cref="CommandFailure">Nowhere, or it cannot be found out.</exception>
    public async Task<IReadOnlyList<LoginProvider>> ProvidersAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync("/auth/cli", token: null, cancellationToken);
        if (answer.Status is not HttpStatusCode.OK || answer.Read(GatewayJson.Default.LoginOffer) is not { Providers: { } providers })
        {
            throw new CommandFailure($"{What} does not say how people sign in (GET /auth/cli: {(int)answer.Status}); is this the address of a Fairlead, with its base path, and is it as new as this program?");
        }

        return providers.Count > 0 ? providers
            : throw new CommandFailure($"{What} has no login for the command line: its operator sets auth.oidc.cli.clientId. With a token in a file, use --token-file");
    }

    /// <summary>The names of the clusters that the caller may know of.</summary>
    public async Task<IReadOnlyList<string>> ClustersAsync(string token, CancellationToken cancellationToken)
    {
        var answer = await AskAsync("/clusters", token, cancellationToken);
        return answer.Status is HttpStatusCode.OK && answer.Read(GatewayJson.Default.ClusterList) is { Items: { } items }
            ? [.. items.Select(static item => item.Name).OfType<string>()]
            : throw Refused(answer);
    }

    /// <summary>The caller's name.</summary>
    public async Task<string> WhoAsync(string token, CancellationToken cancellationToken)
    {
        var answer = await AskAsync("/auth/me", token, cancellationToken);
        return answer.Status is HttpStatusCode.OK && answer.Read(GatewayJson.Default.Whoami) is { Name: { } name } ? name : throw Refused(answer);
    }

    private Task<HttpAnswer> AskAsync(string path, string? token, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address.At(path));
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return http.SendAsync(request, What, cancellationToken);
    }

    private CommandFailure Refused(HttpAnswer answer)
    {
        var refusal = answer.Read(GatewayJson.Default.GatewayRefusal);
        var why = Printable.Of(refusal?.Message ?? refusal?.Error?.Message);
        var text = $"{What} refuses ({(int)answer.Status}){(why.Length > 0 ? ": " + why : "")}";
        var skew = answer.Date - time.GetUtcNow();
        if (answer.Status is HttpStatusCode.Unauthorized && skew is { } off && off.Duration() > _toleratedSkew)
        {
            text += string.Create(CultureInfo.InvariantCulture, $". This machine's clock is {off.Duration().TotalMinutes:0} minutes {(off > TimeSpan.Zero ? "behind" : "ahead of")} the gateway's, which is enough for tokens to be refused");
        }

        return answer.Status >= HttpStatusCode.InternalServerError ? new UnreachableFailure(text) : new CommandFailure(text);
    }
}
