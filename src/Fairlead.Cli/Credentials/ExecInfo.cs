using System.Text;
using System.Text.Json;

namespace Fairlead.Cli.Credentials;

/// <summary>What the Kubernetes client that has started this program says of itself.</summary>
/// <param name="IsInteractive">Whether somebody is there to sign in; null where nothing is said.</param>
/// <param name="AuthorityPem">The authorities of the gateway's certificate; null where nothing is said.</param>
internal sealed record ExecInfo(bool? IsInteractive, string? AuthorityPem)
{
    /// <summary>Reads it from the environment.</summary>
    public static ExecInfo Read(Func<string, string?> variable)
    {
        try
        {
            var spec = variable("KUBERNETES_EXEC_INFO") is { } text ? JsonSerializer.Deserialize(text, ExecJson.Default.ExecInfoDocument)?.Spec : null;
            return new ExecInfo(spec?.Interactive, spec?.Cluster?.AuthorityData is { Length: > 0 } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : null);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new CommandFailure("KUBERNETES_EXEC_INFO is not what a Kubernetes client writes there; unset it", exception);
        }
    }
}
