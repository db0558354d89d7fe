using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary>The <c>user</c> part of a context.</summary>
internal static class KubeconfigUser
{
    private const string NoPassword = "API servers take no passwords any more, so give the user a token, a client certificate or exec";
    private const string NoImpersonation = "let the gateway impersonate its callers instead (authProvider: impersonate)";

    // The impersonation keys are here because leaving them out would give more rights than the file does.
    private static readonly (string Key, string Instead)[] Unsupported =
    [
        ("auth-provider", "kubectl has given it up too, so use exec with the plugin of the same vendor"),
        ("username", NoPassword),
        ("password", NoPassword),
        ("as", NoImpersonation),
        ("as-uid", NoImpersonation),
        ("as-groups", NoImpersonation),
        ("as-user-extra", NoImpersonation),
    ];

    public static KubeconfigCredential? Read(KubeconfigEntry user, KubeconfigEntry? cluster, ClusterConnection? connection, KubeconfigProblems problems)
    {
        var before = problems.Count;
        if (!user.IsInFile && user.Has("exec"))
        {
            problems.Add(user, "exec", "names a program, which only a kubeconfig in a file may");
            return new KubeconfigCredential.Unsupported("exec", problems.After(before));
        }

        var unsupported = Unsupported.Where(one => user.Has(one.Key)).ToList();
        foreach (var (kind, instead) in unsupported)
        {
            problems.Add(user, kind, $"is not supported in this version; {instead}");
        }

        if (unsupported.Count > 0)
        {
            return new KubeconfigCredential.Unsupported(unsupported[0].Key, problems.After(before));
        }

        var certificate = KubeconfigPem.Read(user, "client-certificate", PemContent.Certificate, problems);
        var key = KubeconfigPem.Read(user, "client-key", PemContent.PrivateKey, problems);
        var hasCertificate = user.Has("client-certificate") || user.Has("client-certificate-data");
        var hasKey = user.Has("client-key") || user.Has("client-key-data");
        var token = Token(user, problems);
        if (hasCertificate || hasKey)
        {
            return Certificate(user, certificate, key, hasCertificate, hasKey, problems);
        }

        // client-go sets the token on the request before it asks the plugin, which then stays out of it.
        return token is KubeconfigCredential.None && user.Has("exec") ? KubeconfigExec.Read(user, cluster, connection, problems) : token;
    }

    private static KubeconfigCredential.ClientCertificate? Certificate(
        KubeconfigEntry user, PemSource? certificate, PemSource? key, bool hasCertificate, bool hasKey, KubeconfigProblems problems)
    {
        if (!hasKey)
        {
            problems.Add(user, "client-key", "is missing: a client certificate needs its key");
        }
        else if (!hasCertificate)
        {
            problems.Add(user, "client-certificate", "is missing: a client key needs its certificate");
        }

        return certificate is null || key is null
            ? null
            : new KubeconfigCredential.ClientCertificate(new ClientCertificateSource(certificate, key));
    }

    private static KubeconfigCredential? Token(KubeconfigEntry user, KubeconfigProblems problems)
    {
        if (user.Has("tokenFile"))
        {
            return user.FilePath("tokenFile", problems) is { } path ? new KubeconfigCredential.TokenFile(path) : null;
        }

        if (user.Text("token", problems) is not { } text)
        {
            return new KubeconfigCredential.None();
        }

        if (BearerToken.TryCreate(text, out var token, out var problem))
        {
            return new KubeconfigCredential.Token(token);
        }

        problems.Add(user, "token", problem);
        return null;
    }
}
