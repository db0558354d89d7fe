using Amazon;
using Amazon.Runtime;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials.Minting;

/// <summary>Amazon EKS (contract S29). Nothing of AWS is looked for before the first request.</summary>
/// <param name="definition">Which cluster, and as whom.</param>
/// <param name="time">The clock.</param>
internal sealed class AwsMinter(CredentialDefinition.Aws definition, TimeProvider time) : ICredentialMinter
{
    private const string RegionVariable = "AWS_REGION";
    private const string UsualRegion = "us-east-1";

    private readonly AwsIdentity _identity = new(definition.AssumeRole, definition.ExternalId, time);

    /// <inheritdoc/>
    public async Task<MintedCredential> MintAsync(CancellationToken cancellationToken)
    {
        var region = Region();
        var credentials = await _identity.GetAsync(region, cancellationToken);
        var now = time.GetUtcNow();
        var token = EksToken.Sign(credentials.Keys, region, definition.ClusterId, now);
        var end = now + EksToken.Lifetime;
        return new MintedCredential(
            new UpstreamCredential.Minted(new Secret("Bearer " + token.Reveal())), credentials.ExpiresAt < end ? credentials.ExpiresAt : end);
    }

    private RegionEndpoint Region()
    {
        var name = definition.Region ?? (Environment.GetEnvironmentVariable(RegionVariable) is { Length: > 0 } ofProcess ? ofProcess : UsualRegion);
        try
        {
            return RegionEndpoint.GetBySystemName(name);
        }
        catch (AmazonClientException exception)
        {
            throw new CredentialException($"{RegionVariable} does not hold the name of a region, such as {UsualRegion}; the cluster's region can say it too", exception);
        }
    }
}
