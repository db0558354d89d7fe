using Fairlead.Configuration;

namespace Fairlead.Doors.Auth;

/// <summary><c>GET /auth/cli</c>: where and as which client people sign in on their own machines. Everybody may know: who signs in has shown nothing yet.</summary>
internal static class CommandLineRoute
{
    /// <summary>Answers.</summary>
    public static async Task<Refusal?> AnswerAsync(HttpContext http, GatewayOptions options)
    {
        var providers = (options.Auth?.Oidc ?? []).Where(static provider => provider.Cli is not null).Select(static provider => new CommandLineProvider(
            provider.Name, provider.Issuer, provider.Cli!.ClientId, provider.Cli.ClientSecret, provider.Cli.Scopes, provider.Cli.RedirectUrl.OriginalString));
        await OwnAnswer.WriteAsync(http, new CommandLineAnswer([.. providers]), AuthJson.Relaxed.CommandLineAnswer);
        return null;
    }
}
