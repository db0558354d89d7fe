using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary>What one or several kubeconfig files say together.</summary>
/// <param name="Contexts">All contexts in file order; empty when there are <paramref name="Errors"/>.</param>
/// <param name="CurrentContext">The name of the current context, where a file sets one.</param>
/// <param name="Errors">What makes the files unreadable as a whole.</param>
public sealed record Kubeconfig(
    IReadOnlyList<KubeconfigContext> Contexts, string? CurrentContext, IReadOnlyList<KubeconfigError> Errors);

/// <summary>Why a kubeconfig file cannot be read.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line, from 1; null when the whole file is meant.</param>
/// <param name="Message">What is wrong; never holds a secret's value.</param>
public sealed record KubeconfigError(string File, int? Line, string Message)
{
    /// <summary>The error as one line for a person.</summary>
    public override string ToString() => Line is null ? $"{File}: {Message}" : $"{File}:{Line}: {Message}";
}

/// <summary>A context: a cluster together with the user who reaches it.</summary>
public sealed record KubeconfigContext
{
    /// <summary>The context's name.</summary>
    public required string Name { get; init; }

    /// <summary>The file that the context is written in.</summary>
    public required string File { get; init; }

    /// <summary>How the cluster is reached; null when <see cref="Problems"/> say why that is not known.</summary>
    public ClusterConnection? Connection { get; init; }

    /// <summary>How the user proves who they are; null when <see cref="Problems"/> say why that is not known.</summary>
    public KubeconfigCredential? Credential { get; init; }

    /// <summary>The context's namespace, where it sets one.</summary>
    public string? Namespace { get; init; }

    /// <summary>Why this context cannot be used: file, context and key of each reason. Never holds a secret's value.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}

/// <summary>How a kubeconfig user proves who they are.</summary>
public abstract record KubeconfigCredential
{
    private KubeconfigCredential()
    {
    }

    /// <summary>The user has no credential.</summary>
    public sealed record None : KubeconfigCredential;

    /// <summary>A bearer token (<c>token</c>).</summary>
    /// <param name="Value">The token.</param>
    public sealed record Token(Secret Value) : KubeconfigCredential;

    /// <summary>A file with a bearer token that may change (<c>tokenFile</c>); it wins over <c>token</c>, as in client-go.</summary>
    /// <param name="Path">The absolute path.</param>
    public sealed record TokenFile(string Path) : KubeconfigCredential;

    /// <summary>
    /// A TLS client certificate. A user with a token as well gets this one too: the API server asks its x509 authenticator before the
    /// token authenticators, so the certificate is who kubectl is there.
    /// </summary>
    /// <param name="Source">Certificate and key.</param>
    public sealed record ClientCertificate(ClientCertificateSource Source) : KubeconfigCredential;

    /// <summary>A credential plugin (<c>exec</c>). A certificate or a token beside it wins, as in client-go.</summary>
    /// <param name="Plugin">The plugin.</param>
    public sealed record Exec(ExecPlugin Plugin) : KubeconfigCredential;

    /// <summary>A kind of credential that is not supported, or an <c>exec</c> that cannot be used. The cluster itself may be fine.</summary>
    /// <param name="Kind">The key in the file: <c>exec</c>, <c>auth-provider</c>, <c>username</c>, <c>as</c>.</param>
    /// <param name="Problems">Why; they stand among the context's problems too.</param>
    public sealed record Unsupported(string Kind, ValueList<string> Problems) : KubeconfigCredential;
}
