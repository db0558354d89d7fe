using Fairlead.Credentials.Minting;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Configuration.Binding;

/// <summary><c>kubernetes.googleServiceAccountCredentials</c>: the JSON key that clusters with <c>googleServiceAccount</c> share (contract section 7).</summary>
internal static class GoogleKeyBinder
{
    private const string Key = "googleServiceAccountCredentials";

    public static Secret? Bind(Section kubernetes)
    {
        var json = kubernetes.Text(Key);
        if (json is null)
        {
            // A key that was meant to be there must not turn into whatever account the machine has.
            if (kubernetes.UnsetVariable(Key) is { } unset)
            {
                kubernetes.Error(Key, $"has no value: the environment variable '{NodePath.Printable(unset)}' is not set");
            }

            return null;
        }

        if (GoogleAccessToken.ProblemOf(json) is { } problem)
        {
            kubernetes.Error(Key, problem);
            return null;
        }

        return new Secret(json);
    }
}
