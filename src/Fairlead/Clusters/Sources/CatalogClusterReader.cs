using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Clusters.Sources;

/// <summary>
/// Makes a cluster of a catalog entity, by the rules of Backstage (contract S39, F51). Whoever may write an entity says where a cluster is and which kind of login it has, and
/// nothing else: no file, no token, no place that is not public.
/// </summary>
/// <param name="locator">The source.</param>
internal sealed class CatalogClusterReader(ClusterLocator.BackstageCatalog locator)
{
    private const string Providers = "google, aks, oidc, googleServiceAccount, aws, azure";

    /// <summary>Reads an entity.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="problems">Gets what is wrong with it; an entity that breaks a rule gives no cluster.</param>
    public ClusterDefinition? Read(CatalogEntity entity, ICollection<string> problems)
    {
        var name = entity.Metadata?.Name ?? "";
        var scope = entity.Metadata?.Namespace is { Length: > 0 } given ? given : "default";
        var fault = ClusterNames.IsUsable(name) && ClusterNames.IsUsable(scope) ? null : $"its name {ClusterNames.Rule}";
        var connection = fault is null ? Connection(entity, out fault) : null;
        var credential = fault is null ? Credential(entity, name, out fault) : null;
        if (connection is null || credential is null)
        {
            problems.Add($"{Reference(scope, name)} is ignored: {fault}");
            return null;
        }

        var dashboard = entity.Annotation("dashboard-url");
        if (dashboard is not null && !(Uri.TryCreate(dashboard, UriKind.Absolute, out var link) && link.Scheme is "http" or "https"))
        {
            problems.Add($"{Reference(scope, name)}: kubernetes.io/dashboard-url is left out: it is no http or https URL");
            dashboard = null;
        }

        return new ClusterDefinition
        {
            Locator = locator.Name,
            Scope = scope,
            Name = name,
            Title = entity.Metadata?.Title is { Length: > 0 } title ? title : null,
            Connection = connection,
            Credential = credential,
            DashboardUrl = dashboard,
        };
    }

    /// <summary>What an entity is called in messages.</summary>
    public static string Reference(string scope, string name) => $"entity resource:{NodePath.Printable(scope)}/{NodePath.Printable(name)}";

    private ClusterConnection? Connection(CatalogEntity entity, out string? fault)
    {
        if (!ServerUrl.TryParse(entity.Annotation("api-server") ?? "", out var server, out fault))
        {
            fault = $"kubernetes.io/api-server {fault}";
            return null;
        }

        var isListed = IsListed(server.IdnHost);
        fault = isListed ? null
            : server.Scheme is not "https" ? "kubernetes.io/api-server has to be https; dangerouslyAllowClusterUrls lists hosts that need not be"
            : System.Net.IPAddress.TryParse(server.IdnHost.Trim('[', ']'), out var literal) && !AddressRanges.IsPublic(AddressRanges.Plain(literal)) ? NotPublic
            : null;
        var skips = locator.AllowsSkipTlsVerify && entity.Annotation("skip-tls-verify") is "true";
        PemSource? authority = null;
        if (fault is null && !skips && entity.Annotation("api-server-certificate-authority") is { } data && !PemText.TryDecode(data, PemContent.Certificate, out authority, out var problem))
        {
            fault = $"kubernetes.io/api-server-certificate-authority {problem}";
        }

        return fault is not null ? null : new ClusterConnection
        {
            Server = server,
            CertificateAuthority = authority,
            InsecureSkipTlsVerify = skips,
            PublicAddressesOnly = !isListed,
        };
    }

    /// <summary>Why a cluster that is at another address than a public one is left out.</summary>
    public const string NotPublic = "kubernetes.io/api-server leads to an address that is not public; dangerouslyAllowClusterUrls lists hosts that may";

    /// <summary>As in Backstage, <c>*.suffix</c> stands for the suffix itself too.</summary>
    private bool IsListed(string host)
    {
        var plain = host.Trim('[', ']').TrimEnd('.');
        return locator.AllowedHosts.Any(pattern => pattern.StartsWith("*.", StringComparison.Ordinal)
            ? plain.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase) || string.Equals(plain, pattern[2..], StringComparison.OrdinalIgnoreCase)
            : string.Equals(plain, pattern.Trim('[', ']'), StringComparison.OrdinalIgnoreCase));
    }

    private CredentialDefinition? Credential(CatalogEntity entity, string name, out string? fault)
    {
        fault = null;
        switch (entity.Annotation("auth-provider"))
        {
            case ("google" or "aks") and var provider:
                return new CredentialDefinition.ClientSide(provider, null);

            case "oidc" when entity.Annotation("oidc-token-provider") is { } issuer:
                return new CredentialDefinition.ClientSide("oidc", issuer);

            case "oidc":
                fault = "authProvider oidc needs kubernetes.io/oidc-token-provider";
                return null;

            case "googleServiceAccount":
                return new CredentialDefinition.GoogleServiceAccount(locator.GoogleKey);

            case "aws":
                return ForeignAwsAccount.Read(entity.Annotation("x-k8s-aws-id") ?? name, entity.Annotation("aws-assume-role"), entity.Annotation("aws-external-id"), out fault);

            case "azure":
                return new CredentialDefinition.Azure();

            case var other:
                fault = $"kubernetes.io/auth-provider '{NodePath.Printable(other ?? "")}' does not count in a catalog; these do: {Providers}";
                return null;
        }
    }
}
