using Fairlead.Cli.Gateways;
using Fairlead.Cli.Sessions;

namespace Fairlead.Cli.Commands;

/// <summary>Which gateway is meant, and whom to trust there.</summary>
internal static class GatewayChoice
{
    /// <summary>The gateway of <c>--server</c>, else of <c>FAIRLEAD_SERVER</c>, else the only one that there is a login at.</summary>
    /// <exception cref="CommandFailure">None, or any of several.</exception>
    public static GatewayAddress Choose(string? server, SessionStore store, Surroundings surroundings)
    {
        if ((server ?? surroundings.Variable("FAIRLEAD_SERVER")) is { } named)
        {
            return GatewayAddress.Parse(named);
        }

        return store.All() switch
        {
            [] => throw new CommandFailure("Which gateway? Name it: --server https://fairlead.example.com (or FAIRLEAD_SERVER)"),
            [var only] => GatewayAddress.Parse(only.Server),
            var several => throw new CommandFailure($"Which gateway? Name one with --server: {string.Join(", ", several.Select(static session => session.Server))}"),
        };
    }

    /// <summary>The PEM text of <c>--certificate-authority</c>; null where it is not given.</summary>
    /// <exception cref="CommandFailure">It cannot be read.</exception>
    public static string? Authority(string? file)
    {
        try
        {
            return file is null ? null : File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"The certificate authority cannot be read: {exception.Message}", exception);
        }
    }
}
