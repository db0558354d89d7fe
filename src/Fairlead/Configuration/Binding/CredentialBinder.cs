using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Configuration.Binding;

/// <summary>How a configured cluster's requests are authenticated.</summary>
/// <param name="Definition">The credential.</param>
/// <param name="InCluster">Set when the pod's account stands in, with its own connection (contract S18).</param>
/// <param name="Problem">Why the cluster cannot be used although its text is fine.</param>
internal sealed record BoundCredential(CredentialDefinition Definition, InClusterAccount? InCluster = null, string? Problem = null);

/// <summary><c>authProvider</c> and the keys that go with it (contract S29 and section 7).</summary>
internal static class CredentialBinder
{
    private const string ProviderAnnotation = "kubernetes.io/auth-provider";
    private const string OidcAnnotation = "kubernetes.io/oidc-token-provider";
    private const string Known =
        "google, aks, oidc, serviceAccount, googleServiceAccount, aws, azure, localKubectlProxy, clientCertificate, exec, impersonate, passThrough";

    public static BoundCredential? Bind(Section section, string label, ClusterConnection? connection)
    {
        // As in Backstage, what authMetadata says wins over the key of its own.
        var metadata = section.TextMap("authMetadata");
        var provider = metadata.GetValueOrDefault(ProviderAnnotation, section.Text("authProvider"));
        var token = metadata.GetValueOrDefault("serviceAccountToken", section.Text("serviceAccountToken"));
        var oidcProvider = metadata.GetValueOrDefault(OidcAnnotation, section.Text("oidcTokenProvider"));
        var tokenFile = section.FilePath("serviceAccountTokenFile");
        section.Text("assumeRole");
        section.Text("externalId");
        section.Text("region");
        var certificate = CertificateBinder.Bind(section, label, isWanted: provider is "clientCertificate");
        var exec = ExecBinder.Bind(section, label, connection, isWanted: provider is "exec");
        NameUnused(section, provider);
        switch (provider)
        {
            case null:
                section.Error("authProvider", $"cluster '{label}': authProvider is missing; known are {Known}");
                return null;

            case "serviceAccount":
                return ServiceAccount(section, label, token, tokenFile);

            case "clientCertificate":
                return certificate;

            case "exec":
                return exec;

            case "google" or "aks" or "passThrough":
                return new BoundCredential(new CredentialDefinition.ClientSide(provider, null));

            case "oidc" when oidcProvider is null:
                section.Error(
                    "oidcTokenProvider", $"cluster '{label}': oidcTokenProvider is missing; authProvider oidc needs it (known providers: {Known})");
                return null;

            case "oidc":
                return new BoundCredential(new CredentialDefinition.ClientSide(provider, oidcProvider));

            case "localKubectlProxy":
                return new BoundCredential(new CredentialDefinition.None(provider));

            case "impersonate":
                return ImpersonationBinder.Bind(section, label, token);

            case "aws" or "azure" or "googleServiceAccount":
                return CloudBinder.Bind(section, label, provider, metadata);

            default:
                var fault = provider.Contains('-', StringComparison.Ordinal) ? "holds a '-', which no provider's name may" : "is not known";
                var shown = metadata.ContainsKey(ProviderAnnotation) ? section.Child("authMetadata")!.Shown(ProviderAnnotation) : section.Shown("authProvider");
                section.Error("authProvider", $"cluster '{label}': authProvider {shown} {fault}; known are {Known}");
                return null;
        }
    }

    private static BoundCredential? ServiceAccount(Section section, string label, string? token, string? tokenFile)
    {
        if (!section.RequireValues("serviceAccountTokenFile"))
        {
            return null;
        }

        if (tokenFile is not null)
        {
            if (token is not null)
            {
                section.Error("serviceAccountTokenFile", $"cluster '{label}': serviceAccountToken and serviceAccountTokenFile must not stand together; leave one of them out");
            }

            return new BoundCredential(new CredentialDefinition.TokenFile(tokenFile));
        }

        if (token is not null)
        {
            if (BearerToken.TryCreate(token, out var secret, out var problem))
            {
                return new BoundCredential(new CredentialDefinition.ServiceAccountToken(secret));
            }

            section.Error("serviceAccountToken", $"cluster '{label}': serviceAccountToken {problem}");
            return null;
        }

        // A token that was meant to be there must not turn the cluster into the one that the gateway runs in.
        var unset = section.UnsetVariable("serviceAccountToken") ?? section.Child("authMetadata")?.UnsetVariable("serviceAccountToken");
        if (unset is not null)
        {
            section.Error(
                "serviceAccountToken",
                $"cluster '{label}': serviceAccountToken has no value: the environment variable '{NodePath.Printable(unset)}' is not set");
            return null;
        }

        var context = section.Context;
        if (InClusterAccount.FindMounted(context.Environment, context.ServiceAccountDirectory) is not { } account)
        {
            section.Error(
                "serviceAccountToken",
                $"cluster '{label}': serviceAccountToken is missing (or serviceAccountTokenFile); only in a pod can the pod's own service account stand in for it");
            return null;
        }

        context.Notice(
            $"cluster '{label}': without a serviceAccountToken this is the cluster that the gateway runs in; URL, CA and token are those of the pod's service account");
        return new BoundCredential(new CredentialDefinition.TokenFile(account.TokenFile), account);
    }

    private static void NameUnused(Section section, string? provider)
    {
        if (provider is not ("serviceAccount" or "impersonate"))
        {
            KubernetesBinder.NoEffect(section, "serviceAccountToken");
        }

        if (provider is not "serviceAccount")
        {
            KubernetesBinder.NoEffect(section, "serviceAccountTokenFile");
        }

        if (provider is not "impersonate" && section.Has("impersonation"))
        {
            section.Error("impersonation", "needs authProvider: impersonate");
            section.Child("impersonation");
        }

        if (provider is not "oidc")
        {
            KubernetesBinder.NoEffect(section, "oidcTokenProvider");
        }

        foreach (var key in provider is "aws" ? [] : CloudBinder.AwsKeys)
        {
            KubernetesBinder.NoEffect(section, key);
        }
    }
}
