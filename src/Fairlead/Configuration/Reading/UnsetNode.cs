using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Reading;

/// <summary>
/// A value that is not there because an environment variable in it is not set. As in Backstage the key counts as not written; the
/// variable is remembered for the messages.
/// </summary>
internal sealed class UnsetNode(string variable, TextOrigin origin) : DocumentNode(origin)
{
    public string Variable { get; } = variable;

    public override string Kind => "nothing";
}
