using System.Buffers.Text;
using System.Globalization;
using System.Text;
using AwesomeAssertions;
using Fairlead.Testing.Clouds;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Clouds;

/// <summary>EKS: what its API server gets, and sends on to the Security Token Service.</summary>
public sealed class AwsTests
{
    private const string AccessKey = "AKIDEXAMPLE";
    private const string SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private const string Role = "arn:aws:iam::123456789012:role/team/portal";

    private static readonly (string, string?)[] _keys = [("AWS_ACCESS_KEY_ID", AccessKey), ("AWS_SECRET_ACCESS_KEY", SecretKey)];

    [Theory]
    [InlineData(null, "", "sts.us-east-1.amazonaws.com", "us-east-1", "prod")]
    [InlineData("eu-central-1", "", "sts.eu-central-1.amazonaws.com", "eu-central-1", "prod")]
    [InlineData("eu-central-1", ", region: cn-north-1", "sts.cn-north-1.amazonaws.com.cn", "cn-north-1", "prod")]
    [InlineData(null, ", region: us-gov-west-1, authMetadata: { kubernetes.io/x-k8s-aws-id: other-id }", "sts.us-gov-west-1.amazonaws.com", "us-gov-west-1", "other-id")]
    public async Task B49_An_aws_cluster_gets_a_presigned_url_that_is_signed_for_it(string? ofProcess, string keys, string host, string region, string id)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await CloudGateway.StartAsync([$"name: prod, url: '{upstream.Url}', authProvider: aws{keys}"], [.. _keys, ("AWS_REGION", ofProcess)]);

        (await gateway.GetAsync("prod")).Status.Should().Be(200);

        var url = UrlOf(upstream.Requests.Should().ContainSingle().Subject);
        url.GetLeftPart(UriPartial.Path).Should().Be($"https://{host}/");
        var query = SignatureV4.Decode(url.Query[1..]);
        Value(query, "Action").Should().Be("GetCallerIdentity");
        Value(query, "Version").Should().Be("2011-06-15");
        Value(query, "X-Amz-Algorithm").Should().Be("AWS4-HMAC-SHA256");
        Value(query, "X-Amz-Expires").Should().Be("60");
        Value(query, "X-Amz-SignedHeaders").Should().Be("host;x-k8s-aws-id");
        query.Select(static pair => pair.Key).Should().OnlyHaveUniqueItems().And.NotContain("X-Amz-Security-Token");
        var date = Value(query, "X-Amz-Date");
        Value(query, "X-Amz-Credential").Should().Be($"{AccessKey}/{date[..8]}/{region}/sts/aws4_request");
        DateTimeOffset.ParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        ShouldBeSigned(url, host, id, SecretKey);
        ShouldKeep(gateway, SecretKey);
    }

    [Fact]
    public async Task An_assumed_role_signs_with_what_the_security_token_service_gave_for_it()
    {
        const string Assumed = "ASIAEXAMPLE", AssumedSecret = "assumed/secret+key", SessionToken = "session//token+with=signs==";
        await using var sts = new RawUpstream();
        sts.Respond(Credentials(Assumed, AssumedSecret, SessionToken));
        await using var upstream = new RawUpstream();
        await using var gateway = await CloudGateway.StartAsync(
            [$"name: prod, url: '{upstream.Url}', authProvider: aws, region: eu-west-1, assumeRole: '{Role}', externalId: 'x:1/y'"], [.. _keys, ("AWS_ENDPOINT_URL_STS", sts.Url)]);

        (await gateway.GetAsync("prod")).Status.Should().Be(200);
        (await gateway.GetAsync("prod")).Status.Should().Be(200);

        var asked = sts.Requests.Should().ContainSingle().Subject;
        asked.Method.Should().Be("POST");
        SignatureV4.Decode(asked.BodyText).Should().BeEquivalentTo(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Action"] = "AssumeRole", ["Version"] = "2011-06-15", ["RoleArn"] = Role, ["RoleSessionName"] = "fairlead", ["ExternalId"] = "x:1/y",
        });
        ShouldBeSignedBy(asked, AccessKey, SecretKey, "eu-west-1");
        var url = UrlOf(upstream.Requests[0]);
        url.Host.Should().Be("sts.eu-west-1.amazonaws.com", "the cluster asks the real one");
        var query = SignatureV4.Decode(url.Query[1..]);
        Value(query, "X-Amz-Security-Token").Should().Be(SessionToken);
        Value(query, "X-Amz-Credential").Should().StartWith(Assumed + "/");
        ShouldBeSigned(url, url.Host, "prod", AssumedSecret);
        ShouldKeep(gateway, SecretKey, AssumedSecret, SessionToken);
    }

    [Fact]
    public async Task B50_A_role_that_may_not_be_assumed_is_502_and_the_log_says_what_to_do()
    {
        await using var sts = new RawUpstream();
        sts.Respond(RawAnswer.Text(403, """
            <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User geheim is not authorized</Message></Error><RequestId>r</RequestId></ErrorResponse>
            """, "text/xml"));
        await using var upstream = new RawUpstream();
        await using var gateway = await CloudGateway.StartAsync(
            [$"name: prod, url: '{upstream.Url}', authProvider: aws, assumeRole: '{Role}'"], [.. _keys, ("AWS_ENDPOINT_URL_STS", sts.Url)]);

        Refusals.ShouldBeWithoutCredential(await gateway.GetAsync("prod"), "prod");

        upstream.Requests.Should().BeEmpty();
        gateway.Printed.Should().Contain($"the role {Role} cannot be assumed: its trust policy has to name the gateway's identity").And.NotContain("geheim");
        ShouldKeep(gateway, SecretKey);
    }

    [Fact]
    public async Task B50_A_process_without_any_identity_is_502_and_the_log_says_which_are_looked_for()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await CloudGateway.StartAsync([$"name: prod, url: '{upstream.Url}', authProvider: aws"], []);

        Refusals.ShouldBeWithoutCredential(await gateway.GetAsync("prod"), "prod");

        gateway.Printed.Should().Contain("AWS_WEB_IDENTITY_TOKEN_FILE").And.Contain("AWS_ACCESS_KEY_ID");
    }

    private static Uri UrlOf(RecordedRequest request)
    {
        var authorization = request.Header("Authorization")!;
        authorization.Should().MatchRegex(@"^Bearer k8s-aws-v1\.[A-Za-z0-9_-]+$", "base64url without padding");
        return new Uri(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(authorization.AsSpan("Bearer k8s-aws-v1.".Length))));
    }

    private static string Value(IEnumerable<KeyValuePair<string, string>> pairs, string name) => pairs.Single(pair => string.Equals(pair.Key, name, StringComparison.Ordinal)).Value;

    private static void ShouldBeSigned(Uri url, string host, string id, string secretKey)
    {
        var query = SignatureV4.Decode(url.Query[1..]);
        var scope = Value(query, "X-Amz-Credential").Split('/', 2)[1];
        var signed = new SignatureV4(
            "GET", "/", [.. query.Where(static pair => pair.Key is not "X-Amz-Signature")], [KeyValuePair.Create("host", host), KeyValuePair.Create("x-k8s-aws-id", id)], []);
        Value(query, "X-Amz-Signature").Should().Be(signed.Compute(secretKey, Value(query, "X-Amz-Date"), scope));
        (signed with { Headers = [signed.Headers[0], KeyValuePair.Create("x-k8s-aws-id", id + "x")] }).Compute(secretKey, Value(query, "X-Amz-Date"), scope).Should().NotBe(Value(query, "X-Amz-Signature"));
    }

    private static void ShouldBeSignedBy(RecordedRequest request, string accessKey, string secretKey, string region)
    {
        var authorization = request.Header("Authorization")!;
        var parts = authorization["AWS4-HMAC-SHA256 ".Length..].Split(", ").Select(static part => part.Split('=', 2)).ToDictionary(static part => part[0], static part => part[1], StringComparer.Ordinal);
        var (key, scope) = (parts["Credential"].Split('/', 2)[0], parts["Credential"].Split('/', 2)[1]);
        key.Should().Be(accessKey);
        var date = request.Header("X-Amz-Date")!;
        scope.Should().Be($"{date[..8]}/{region}/sts/aws4_request");
        var headers = parts["SignedHeaders"].Split(';').Select(name => KeyValuePair.Create(name, request.Header(name)!)).ToList();
        parts["Signature"].Should().Be(new SignatureV4("POST", request.Target, [], headers, request.Body).Compute(secretKey, date, scope));
    }

    private static void ShouldKeep(CloudGateway gateway, params string[] secrets)
    {
        foreach (var secret in secrets.Append("k8s-aws-v1").Append("X-Amz-Signature"))
        {
            gateway.Printed.Should().NotContain(secret);
        }
    }

    private static RawAnswer Credentials(string accessKey, string secretKey, string token) => RawAnswer.Text(200, $"""
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
        <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/portal/fairlead</Arn><AssumedRoleId>AROA:fairlead</AssumedRoleId></AssumedRoleUser>
        <Credentials><AccessKeyId>{accessKey}</AccessKeyId><SecretAccessKey>{secretKey}</SecretAccessKey><SessionToken>{token}</SessionToken><Expiration>{DateTime.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials>
        </AssumeRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>
        """, "text/xml");
}
