namespace Fairlead.Clusters.Sources;

/// <summary>The AWS identity of a cluster as somebody else than the operator describes it: nothing of it may be more than a name.</summary>
internal static class ForeignAwsAccount
{
    /// <summary>Reads one; null with a fault that names no value.</summary>
    public static CredentialDefinition.Aws? Read(string clusterId, string? role, string? externalId, out string? fault)
    {
        fault = !AwsNames.IsClusterId(clusterId) ? "the cluster's id for aws has to consist of visible ASCII characters"
            : role is not null && !AwsNames.IsRole(role) ? "the role to assume has to be the ARN of a role"
            : externalId is not null && role is null ? "an external id needs a role that is assumed with it"
            : externalId is not null && !AwsNames.IsExternalId(externalId) ? "the external id has to be 2 to 1224 letters, digits and =,.@:/-+_"
            : null;
        return fault is null ? new CredentialDefinition.Aws(clusterId, null, role, externalId) : null;
    }
}
