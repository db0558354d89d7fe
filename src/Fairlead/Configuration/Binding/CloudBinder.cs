using Fairlead.Clusters;

namespace Fairlead.Configuration.Binding;

/// <summary><c>authProvider: aws</c>, <c>azure</c> and <c>googleServiceAccount</c>: the gateway's identity at a cloud (contract S29 and section 7).</summary>
internal static class CloudBinder
{
    /// <summary>The keys that <c>aws</c> alone has.</summary>
    public static readonly string[] AwsKeys = ["assumeRole", "externalId", "region"];

    private const string ClusterIdAnnotation = "kubernetes.io/x-k8s-aws-id";
    private const string RoleAnnotation = "kubernetes.io/aws-assume-role";
    private const string ExternalIdAnnotation = "kubernetes.io/aws-external-id";

    // A label of a host name (RFC 1035 2.3.4).
    private const int LongestRegion = 63;

    /// <summary>The definition for one of these providers; null for an error.</summary>
    /// <param name="section">The cluster.</param>
    /// <param name="label">What it is called in messages.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="metadata"><c>authMetadata</c>, which wins over the keys.</param>
    public static BoundCredential? Bind(Section section, string label, string provider, IReadOnlyDictionary<string, string?> metadata) => provider switch
    {
        "aws" => Aws(section, label, metadata) is { } aws ? new BoundCredential(aws) : null,
        "azure" => new BoundCredential(new CredentialDefinition.Azure()),
        _ => new BoundCredential(new CredentialDefinition.GoogleServiceAccount(section.Context.GoogleKey)),
    };

    private static CredentialDefinition.Aws? Aws(Section section, string label, IReadOnlyDictionary<string, string?> metadata)
    {
        var before = section.Context.Errors.Count;

        // A role that was meant to be there must not turn into the gateway's own identity.
        section.RequireValues(AwsKeys);
        section.Child("authMetadata")?.RequireValues(ClusterIdAnnotation, RoleAnnotation, ExternalIdAnnotation);
        var region = section.Text("region");
        var role = metadata.GetValueOrDefault(RoleAnnotation, section.Text("assumeRole"));
        var externalId = metadata.GetValueOrDefault(ExternalIdAnnotation, section.Text("externalId"));
        var id = metadata.GetValueOrDefault(ClusterIdAnnotation, section.Text("name"));
        if (region is not null && !IsRegion(region))
        {
            section.Error("region", $"cluster '{label}': region has to be the name of a region, such as eu-central-1");
        }

        if (role is not null && !AwsNames.IsRole(role))
        {
            section.Error("assumeRole", $"cluster '{label}': assumeRole has to be the ARN of a role, such as arn:aws:iam::123456789012:role/portal");
        }

        if (externalId is not null && role is null)
        {
            section.Error("externalId", $"cluster '{label}': externalId needs assumeRole, the role that is assumed with it");
        }
        else if (externalId is not null && !AwsNames.IsExternalId(externalId))
        {
            section.Error("externalId", $"cluster '{label}': externalId has to be 2 to 1224 letters, digits and =,.@:/-+_");
        }

        if (id is not null && !AwsNames.IsClusterId(id))
        {
            section.Error("authMetadata", $"cluster '{label}': {ClusterIdAnnotation} has to consist of visible ASCII characters, as it is sent in a header");
        }

        return section.Context.Errors.Count > before || id is null ? null : new CredentialDefinition.Aws(id, region, role, externalId);
    }

    private static bool IsRegion(string text) =>
        text.Length is > 0 and <= LongestRegion && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-') && text[0] is not '-' && text[^1] is not '-';
}
