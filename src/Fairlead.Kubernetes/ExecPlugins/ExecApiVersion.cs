using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>The version of the <c>ExecCredential</c> that a plugin is given and has to print.</summary>
public enum ExecApiVersion
{
    /// <summary><c>client.authentication.k8s.io/v1</c>.</summary>
    V1,

    /// <summary><c>client.authentication.k8s.io/v1beta1</c>.</summary>
    V1Beta1,
}

/// <summary>How the versions are written.</summary>
public static class ExecApiVersions
{
    /// <summary>Those that are served, for messages.</summary>
    public const string Known = "client.authentication.k8s.io/v1 and client.authentication.k8s.io/v1beta1";

    private const string V1 = "client.authentication.k8s.io/v1";
    private const string V1Beta1 = "client.authentication.k8s.io/v1beta1";

    /// <summary>The version as <c>apiVersion</c> writes it.</summary>
    public static string Name(this ExecApiVersion version) => version is ExecApiVersion.V1 ? V1 : V1Beta1;

    /// <summary>Reads an <c>apiVersion</c>.</summary>
    /// <param name="text">What is written; null where the key is missing.</param>
    /// <param name="version">The version.</param>
    /// <param name="problem">What is wrong, as the rest of a sentence that begins with the key.</param>
    public static bool TryParse(string? text, out ExecApiVersion version, [NotNullWhen(false)] out string? problem)
    {
        (version, problem) = text switch
        {
            V1 => (ExecApiVersion.V1, (string?)null),
            V1Beta1 => (ExecApiVersion.V1Beta1, null),
            null => (default, $"is missing; known are {Known}"),
            "client.authentication.k8s.io/v1alpha1" => (default, $"v1alpha1 is gone from kubectl too; update the plugin and name {V1} or {V1Beta1}"),
            _ => (default, $"is not known; known are {Known}"),
        };
        return problem is null;
    }
}
