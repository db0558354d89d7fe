using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;
using Amazon.SecurityToken.Model;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials.Minting;

/// <summary>
/// The token that EKS and aws-iam-authenticator take: a pre-signed <c>GetCallerIdentity</c> of the Security Token Service, which the API server sends off itself to see who signed it
/// (contract S29; aws-iam-authenticator, "API Authorization from Outside a Cluster").
/// </summary>
internal static class EksToken
{
    /// <summary>How long the token is taken: STS honours the signature for 15 minutes, whatever <c>X-Amz-Expires</c> says; one of them is for clocks that differ.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(14);

    private const string Prefix = "k8s-aws-v1.";
    private const string Service = "sts";
    private const int SecondsAsKubectlAsks = 60;

    /// <summary>Signs one.</summary>
    /// <param name="credentials">Whose it is.</param>
    /// <param name="region">Which STS endpoint it is for: the real one, also where the gateway itself is sent to another.</param>
    /// <param name="clusterId">The cluster that it is for.</param>
    /// <param name="now">The time of the signature.</param>
    public static Secret Sign(ImmutableCredentials credentials, RegionEndpoint region, string clusterId, DateTimeOffset now)
    {
        using var request = new DefaultRequest(new GetCallerIdentityRequest(), Service)
        {
            HttpMethod = "GET",
            UseQueryString = true,
            Endpoint = new Uri($"https://{Service}.{region.SystemName}.{region.PartitionDnsSuffix}"),
        };
        request.Parameters.Add("Action", "GetCallerIdentity");
        request.Parameters.Add("Version", "2011-06-15");
        request.Parameters.Add("X-Amz-Expires", SecondsAsKubectlAsks.ToString(CultureInfo.InvariantCulture));
        if (credentials.UseToken)
        {
            request.Parameters.Add("X-Amz-Security-Token", credentials.Token);
        }

        request.Headers.Add("x-k8s-aws-id", clusterId);
        var signature = AWS4PreSignedUrlSigner.SignRequest(
            request, null, new RequestMetrics(), credentials.AccessKey, credentials.SecretKey, Service, region.SystemName, now.UtcDateTime);
        var url = $"{AmazonServiceClient.ComposeUrl(request).AbsoluteUri}&{signature.ForQueryParameters}";
        return new Secret(Prefix + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(url)));
    }
}
