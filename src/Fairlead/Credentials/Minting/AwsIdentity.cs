using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace Fairlead.Credentials.Minting;

/// <summary>Who the gateway is at AWS: what the SDK's own search finds in the process's environment, or a role that this one assumes. Called by one at a time.</summary>
/// <param name="role">The ARN of the role; null for none.</param>
/// <param name="externalId">The external id to assume it with; null for none.</param>
/// <param name="time">The clock.</param>
internal sealed class AwsIdentity(string? role, string? externalId, TimeProvider time)
{
    private const string SessionName = "fairlead";
    private const string Sources =
        "AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE (IRSA), EKS Pod Identity, AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the instance's role";

    // One for the process: it looks again when the environment or a file has changed, and finds nothing else out anew.
    private static readonly DefaultAWSCredentialsIdentityResolver _resolver = new();
    private static readonly TimeSpan _beforeTheEnd = TimeSpan.FromMinutes(5);

    private AwsCredentials? _assumed;

    /// <summary>The credentials of now.</summary>
    /// <param name="region">Where the role is assumed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CredentialException">There are none.</exception>
    public async Task<AwsCredentials> GetAsync(RegionEndpoint region, CancellationToken cancellationToken)
    {
        if (_assumed is { } assumed && assumed.ExpiresAt - _beforeTheEnd > time.GetUtcNow())
        {
            return assumed;
        }

        try
        {
            var ambient = await _resolver.ResolveIdentityAsync(null, cancellationToken).WaitAsync(cancellationToken);
            if (role is not null)
            {
                return _assumed = await AssumeAsync(ambient, region, cancellationToken);
            }

            var keys = await ambient.GetCredentialsAsync().WaitAsync(cancellationToken);
            return new AwsCredentials(keys, ambient.Expiration is { } end ? new DateTimeOffset(DateTime.SpecifyKind(end, DateTimeKind.Utc)) : null);
        }
        catch (AmazonServiceException exception)
        {
            throw new CredentialException(ReasonOf(exception), exception);
        }
        catch (AmazonClientException exception)
        {
            throw new CredentialException($"no AWS credentials that can be used were found; one of these has to be there: {Sources}", exception);
        }
        catch (HttpRequestException exception)
        {
            throw new CredentialException($"the Security Token Service of AWS in {region.SystemName} cannot be reached ({exception.HttpRequestError})", exception);
        }
    }

    private async Task<AwsCredentials> AssumeAsync(AWSCredentials ambient, RegionEndpoint region, CancellationToken cancellationToken)
    {
        // The SDK itself looks at AWS_ENDPOINT_URL_STS and AWS_ENDPOINT_URL, and signs for another region then, unless it is told which.
        using var client = new AmazonSecurityTokenServiceClient(
            ambient, new AmazonSecurityTokenServiceConfig { RegionEndpoint = region, AuthenticationRegion = region.SystemName, AllowAutoRedirect = false });
        var answer = await client.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = role, ExternalId = externalId, RoleSessionName = SessionName }, cancellationToken);
        return answer.Credentials is { AccessKeyId.Length: > 0, SecretAccessKey.Length: > 0, SessionToken.Length: > 0, Expiration: { } end } keys
            ? new AwsCredentials(new ImmutableCredentials(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken), new DateTimeOffset(end.ToUniversalTime()))
            : throw new CredentialException($"the Security Token Service of AWS has answered without credentials for {role}");
    }

    /// <summary>In our own words: what AWS prints names accounts and request ids.</summary>
    private string ReasonOf(AmazonServiceException exception)
    {
        var what = role is null ? "AWS refuses the gateway's own identity" : $"the role {role} cannot be assumed";
        return exception.ErrorCode switch
        {
            "AccessDenied" => $"{what}: its trust policy has to name the gateway's identity{(role is null ? "" : externalId is null ? ", without an external id" : " and this externalId")}",
            "ExpiredToken" or "ExpiredTokenException" => $"{what}: the credentials of the process have expired",
            "InvalidClientTokenId" or "SignatureDoesNotMatch" or "UnrecognizedClientException" => $"{what}: the access key of the process is wrong, or this machine's clock is",
            "RegionDisabledException" => $"{what}: the Security Token Service is switched off in this region; set another region",
            _ => $"{what}: the Security Token Service answers {(int)exception.StatusCode}",
        };
    }
}

/// <summary>Keys of AWS, and when they end.</summary>
/// <param name="Keys">The keys.</param>
/// <param name="ExpiresAt">When they end; null for never.</param>
internal sealed record AwsCredentials(ImmutableCredentials Keys, DateTimeOffset? ExpiresAt);
