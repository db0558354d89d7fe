using Fairlead.Cli.Gateways;

namespace Fairlead.Cli.Logins;

/// <summary>Signs somebody in with a browser anywhere: a code that is typed there (RFC 8628).</summary>
internal sealed class DeviceLogin(ProviderClient provider, LoginProvider offer, Surroundings surroundings)
{
    private const int DefaultInterval = 5;

    /// <summary>Signs somebody in.</summary>
    public async Task<ProviderTokens> RunAsync(CancellationToken cancellationToken)
    {
        var endpoint = provider.Endpoint(provider.Metadata.DeviceAuthorizationEndpoint)
            ?? throw new CommandFailure($"The identity provider {Printable.Of(provider.Issuer)} has no login by a code (device_authorization_endpoint); use fairlead login without --device");
        var device = await provider.BeginDeviceAsync(endpoint, offer.Scopes ?? ["openid"], cancellationToken);
        var page = PageOf(device.VerificationUri!);
        await surroundings.Errors.WriteLineAsync($"To sign in, open this page in a browser on any device:\n\n  {page}\n\nand enter the code:\n\n  {Printable.Of(device.UserCode)}\n");
        if (device.VerificationUriComplete is { } complete)
        {
            await surroundings.Errors.WriteLineAsync($"Or open this one, and check that it shows the same code:\n\n  {PageOf(complete)}\n");
        }

        var interval = TimeSpan.FromSeconds(Math.Clamp(device.Interval ?? DefaultInterval, 1, 60));
        for (var ends = surroundings.Time.GetUtcNow() + TimeSpan.FromSeconds(Math.Clamp(device.ExpiresIn, 60, 3600)); surroundings.Time.GetUtcNow() < ends;)
        {
            await Task.Delay(interval, surroundings.Time, cancellationToken);
            ProviderAnswer answer;
            try
            {
                answer = await provider.AskForDeviceAsync(device.DeviceCode!, cancellationToken);
            }
            catch (UnreachableFailure)
            {
                // Somebody may be typing meanwhile: asked again, more slowly (RFC 8628 3.5).
                interval *= 2;
                continue;
            }

            switch (answer.Error?.Error)
            {
                case null:
                    return answer.Tokens!;
                case "authorization_pending":
                    break;
                case "slow_down":
                    interval += TimeSpan.FromSeconds(5);
                    break;
                case "access_denied":
                    throw new CommandFailure("Not signed in: it was refused on the other device");
                case "expired_token":
                    throw Expired();
                default:
                    throw new CommandFailure($"Signing in failed: {answer.Error.Explain(provider.Issuer)}");
            }
        }

        throw Expired();
    }

    private static CommandFailure Expired() => new("Not signed in: the code has expired before anybody entered it; begin again");

    private static string PageOf(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" ? url.AbsoluteUri : Printable.Of(text);
}
