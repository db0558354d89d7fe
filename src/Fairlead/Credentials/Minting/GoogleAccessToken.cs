using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Secrets;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;
using IHttpClientFactory = Google.Apis.Http.IHttpClientFactory;
using TokenCredential = Google.Apis.Auth.OAuth2.ServiceCredential;

namespace Fairlead.Credentials.Minting;

/// <summary>A new access token of a Google service account, for whoever needs one: clusters, and the list of them. Nothing is kept here.</summary>
/// <param name="Value">The token.</param>
/// <param name="ExpiresAt">When it ends; null where Google does not say.</param>
internal sealed record GoogleAccessToken(Secret Value, DateTimeOffset? ExpiresAt)
{
    /// <summary>What the token is good for: everything that IAM allows the account.</summary>
    public const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private const string FileVariable = "GOOGLE_APPLICATION_CREDENTIALS";

    /// <summary>Obtains one.</summary>
    /// <param name="key">The account's JSON key; null for the application default credentials: the file that <c>GOOGLE_APPLICATION_CREDENTIALS</c> names, gcloud's own, the metadata server.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CredentialException">There is none to be had; the message is for the operator.</exception>
    public static async Task<GoogleAccessToken> GetAsync(Secret? key, CancellationToken cancellationToken)
    {
        var (credential, origin) = key is null ? Ambient() : (Parse(key), "the account of kubernetes.googleServiceAccountCredentials");
        try
        {
            var token = await RequestAsync(credential, cancellationToken);
            return token is { AccessToken: { Length: > 0 } text }
                ? new GoogleAccessToken(new Secret(text), token.ExpiresInSeconds is { } seconds ? new DateTimeOffset(token.IssuedUtc, TimeSpan.Zero).AddSeconds(seconds) : null)
                : throw new CredentialException($"Google has given no access token to {origin}");
        }
        catch (TokenResponseException exception)
        {
            var status = exception.StatusCode is { } code ? $"status {(int)code}" : "no token";
            throw new CredentialException($"Google's token endpoint answers {status} to {origin}: check that the account and its key are enabled, and this machine's clock", exception);
        }
        catch (HttpRequestException exception)
        {
            throw new CredentialException($"Google's token endpoint cannot be reached for {origin} ({exception.HttpRequestError})", exception);
        }
    }

    /// <summary>What is wrong with a service account's JSON key; null for nothing. Never shows any of it.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The reader of keys throws what its parsers happen to throw.")]
    public static string? ProblemOf(string json)
    {
        try
        {
            if (TypeOf(json) is not JsonCredentialParameters.ServiceAccountCredentialType)
            {
                return "is not the JSON key of a service account: its 'type' has to be service_account";
            }

            using var client = CredentialFactory.FromJson<ServiceAccountCredential>(json).HttpClient;
            return null;
        }
        catch (JsonException)
        {
            return "is not JSON; it has to be the whole JSON key of a service account, as one string";
        }
        catch (Exception)
        {
            return "is not the JSON key of a service account: 'client_email' and an RSA 'private_key' are needed";
        }
    }

    private static GoogleCredential Parse(Secret key) => CredentialFactory.FromJson<ServiceAccountCredential>(key.Reveal()).ToGoogleCredential();

    /// <summary>As the library's own search, which however remembers a failure for ever: a file that is mounted late, a metadata server that starts later than its pod.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The reader of credential files throws what its parsers happen to throw.")]
    private static (GoogleCredential Credential, string Origin) Ambient()
    {
        if (FileOfProcess() is not { } file)
        {
            return (new ComputeCredential().ToGoogleCredential(), $"the metadata server's account; elsewhere than on Google Cloud, set kubernetes.googleServiceAccountCredentials or {FileVariable}");
        }

        try
        {
            if (!TextFile.TryRead(file, out var json, out var problem))
            {
                throw new IOException(problem);
            }

            return (CredentialFactory.FromJson(json, TypeOf(json)), $"the account of {file}");
        }
        catch (Exception exception)
        {
            throw new CredentialException($"{file} does not hold Google credentials that can be read; {FileVariable} names the file, or kubernetes.googleServiceAccountCredentials holds a key", exception);
        }
    }

    private static string? FileOfProcess()
    {
        if (Environment.GetEnvironmentVariable(FileVariable) is { Length: > 0 } named)
        {
            return named;
        }

        var usual = Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "", ".config/gcloud/application_default_credentials.json");
        return File.Exists(usual) ? usual : null;
    }

    private static string? TypeOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("type", out var type) ? type.ToString() : null;
    }

    /// <summary>Past what the library keeps: whoever asks here wants a new one.</summary>
    private static async Task<TokenResponse?> RequestAsync(GoogleCredential credential, CancellationToken cancellationToken)
    {
        switch (credential.CreateScoped(Scope).CreateWithHttpClientFactory(new DirectClients()).UnderlyingCredential)
        {
            case TokenCredential service:
                using (service.HttpClient)
                {
                    await service.RequestAccessTokenAsync(cancellationToken);
                    return service.Token;
                }

            case UserCredential user:
                await user.RefreshTokenAsync(cancellationToken);
                return user.Token;

            default:
                return null;
        }
    }

    /// <summary>Clients that go to no other host than the one they were sent to.</summary>
    private sealed class DirectClients : IHttpClientFactory
    {
        public ConfigurableHttpClient CreateHttpClient(CreateHttpClientArgs args)
        {
            var client = new HttpClientFactory().CreateHttpClient(args);
            client.MessageHandler.FollowRedirect = false;
            return client;
        }
    }
}
