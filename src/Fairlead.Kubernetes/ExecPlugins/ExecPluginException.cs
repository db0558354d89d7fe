using Fairlead.Kubernetes.Documents;

namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>
/// A credential plugin gave no credential. The message is for the operator: it names the command and what was wrong, and holds nothing that the plugin has printed, no
/// argument and no variable, each of which may be a secret.
/// </summary>
public sealed class ExecPluginException : Exception
{
    /// <summary>Makes one about <paramref name="command"/>.</summary>
    /// <param name="command">The command, as it is configured.</param>
    /// <param name="problem">What was wrong, as the rest of a sentence.</param>
    public ExecPluginException(string command, string problem)
        : base($"credential plugin '{NodePath.Printable(command)}' {problem}")
    {
    }
}
