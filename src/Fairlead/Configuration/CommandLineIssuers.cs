namespace Fairlead.Configuration;

/// <summary>Makes the gateway take the ID tokens with which the command line comes, so that one key switches all of it on.</summary>
internal static class CommandLineIssuers
{
    /// <summary>The issuers, with those of the providers that have a client for the command line: an audience more where <c>auth.jwt</c> has the issuer already.</summary>
    public static List<JwtOptions> AddTo(IReadOnlyList<JwtOptions> issuers, IReadOnlyList<OidcOptions> providers)
    {
        List<JwtOptions> all = [.. issuers];
        foreach (var provider in providers)
        {
            if (provider.Cli is not { } cli)
            {
                continue;
            }

            var index = all.FindIndex(one => string.Equals(one.Issuer, provider.Issuer, StringComparison.Ordinal));
            if (index >= 0)
            {
                all[index] = all[index] with { Audiences = [.. all[index].Audiences, cli.ClientId] };
            }
            else
            {
                all.Add(new JwtOptions
                {
                    Name = provider.Name, Issuer = provider.Issuer, Audiences = [cli.ClientId],
                    Algorithms = provider.Algorithms, Claims = provider.Claims, CaFile = provider.CaFile, SkipTlsVerify = provider.SkipTlsVerify,
                });
            }
        }

        return all;
    }
}
