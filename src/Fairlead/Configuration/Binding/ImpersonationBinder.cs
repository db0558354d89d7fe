using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Configuration.Binding;

/// <summary><c>impersonation</c> of a cluster with <c>authProvider: impersonate</c>.</summary>
internal static class ImpersonationBinder
{
    private static readonly string[] _certificateKeys = ["clientCertFile", "clientCertData", "clientKeyFile", "clientKeyData"];

    public static BoundCredential? Bind(Section cluster, string label, string? accountToken)
    {
        CredentialDefinition? account = accountToken is null ? null : Token(cluster, "serviceAccountToken", accountToken, label);
        if (cluster.Child("impersonation") is not { } section)
        {
            cluster.Missing("impersonation", $": cluster '{label}' needs an account that may impersonate, and whom");
            return null;
        }

        // Somebody who is lost from a map would arrive under their own name.
        if (!section.RequireValues("users", "groups", "userMap", "groupMap", "extras"))
        {
            return null;
        }

        var credential = Impersonator(section, label);
        var rules = new ImpersonationDefinition
        {
            Users = Names(section, "users"),
            Groups = Names(section, "groups"),
            UserMap = Map(section, "userMap"),
            GroupMap = Map(section, "groupMap"),
            SendsUid = section.Flag("uid") ?? true,
            Extras = Extras(section),
        };
        if (rules.Users.Count + rules.UserMap.Count == 0)
        {
            section.Missing("users", ": names of callers, or [\"*\"] for everybody whose name is not reserved");
        }

        if (rules.Groups.Contains(ImpersonationDefinition.Anybody, StringComparer.Ordinal))
        {
            section.Context.Notice(
                $"cluster '{label}': impersonation.groups is \"*\", so its account has to be able to impersonate every group, system:masters too; list the groups");
        }

        section.Close();
        return credential is null ? null
            : new BoundCredential(new CredentialDefinition.Impersonate(credential.Definition, account, rules), Problem: credential.Problem);
    }

    private static BoundCredential? Impersonator(Section section, string label)
    {
        var token = section.Text("serviceAccountToken");
        var file = section.FilePath("tokenFile");
        var hasCertificate = _certificateKeys.Any(section.Has);
        var certificate = CertificateBinder.Bind(section, label, isWanted: hasCertificate);
        if ((token is null ? 0 : 1) + (file is null ? 0 : 1) + (hasCertificate ? 1 : 0) != 1)
        {
            section.Error(
                "serviceAccountToken", $"cluster '{label}': the account that impersonates needs exactly one of serviceAccountToken, tokenFile, and clientCert... with clientKey...");
            return null;
        }

        return token is not null ? Token(section, "serviceAccountToken", token, label) is { } definition ? new BoundCredential(definition) : null
            : file is not null ? new BoundCredential(new CredentialDefinition.TokenFile(file))
            : certificate;
    }

    private static CredentialDefinition.ServiceAccountToken? Token(Section section, string key, string text, string label)
    {
        if (BearerToken.TryCreate(text, out var secret, out var problem))
        {
            return new CredentialDefinition.ServiceAccountToken(secret);
        }

        section.Error(key, $"cluster '{label}': {key} {problem}");
        return null;
    }

    private static string[] Names(Section section, string key)
    {
        var items = section.Texts(key) ?? [];
        foreach (var item in items.Where(static item => item.Value is not ImpersonationDefinition.Anybody && item.Value.Contains('*', StringComparison.Ordinal)))
        {
            section.Context.Errors.Add(item.Path, "is a pattern; RBAC grants impersonation by exact names or for all (\"*\")", item.Origin);
        }

        foreach (var item in items.Where(static item => item.Value.StartsWith("system:", StringComparison.OrdinalIgnoreCase)))
        {
            section.Context.Errors.Add(item.Path, "is reserved for Kubernetes itself; userMap and groupMap say whom it stands for", item.Origin);
        }

        return [.. items.Select(static item => item.Value)];
    }

    private static Dictionary<string, string> Map(Section section, string key)
    {
        var map = section.TextMap(key).ToDictionary(static pair => pair.Key, static pair => pair.Value!, StringComparer.Ordinal);
        foreach (var (name, value) in map.Where(static pair => !HeaderLines.CanCarry(pair.Value)))
        {
            section.Error(key, $"the value of '{Fairlead.Kubernetes.Documents.NodePath.Printable(name)}' cannot stand in a header");
        }

        return map;
    }

    private static Dictionary<string, string> Extras(Section section)
    {
        var extras = Map(section, "extras");
        foreach (var key in extras.Keys.Where(static key => key.Length == 0 || !key.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '.' or '-' or '_' or '/')))
        {
            section.Error("extras", $"'{Fairlead.Kubernetes.Documents.NodePath.Printable(key)}' is no key of an extra: small letters, digits, '.', '-', '_' and '/'");
        }

        return extras;
    }
}
