using System.Text.Json.Serialization;

namespace Fairlead.Cli.Logins;

/// <summary>What a provider says of itself (OpenID Connect Discovery 1.0 3; RFC 8414; RFC 8628 4; RFC 9207 3).</summary>
internal sealed record ProviderMetadata
{
    /// <summary><c>issuer</c>.</summary>
    public string? Issuer { get; init; }

    /// <summary><c>authorization_endpoint</c>.</summary>
    public string? AuthorizationEndpoint { get; init; }

    /// <summary><c>token_endpoint</c>.</summary>
    public string? TokenEndpoint { get; init; }

    /// <summary><c>device_authorization_endpoint</c>.</summary>
    public string? DeviceAuthorizationEndpoint { get; init; }

    /// <summary><c>revocation_endpoint</c> (RFC 7009).</summary>
    public string? RevocationEndpoint { get; init; }

    /// <summary><c>authorization_response_iss_parameter_supported</c>.</summary>
    public bool AuthorizationResponseIssParameterSupported { get; init; }
}

/// <summary>What a token endpoint gives (RFC 6749 5.1). A class, so that nothing prints it.</summary>
internal sealed class TokenResponse
{
    /// <summary><c>id_token</c>.</summary>
    public string? IdToken { get; init; }

    /// <summary><c>refresh_token</c>.</summary>
    public string? RefreshToken { get; init; }
}

/// <summary>An error of a provider (RFC 6749 4.1.2.1, 5.2).</summary>
/// <param name="Error"><c>error</c>.</param>
/// <param name="ErrorDescription"><c>error_description</c>.</param>
internal sealed record ProviderError(string? Error, string? ErrorDescription)
{
    /// <summary>The error in words.</summary>
    /// <param name="issuer">Whose it is.</param>
    public string Explain(string issuer)
    {
        var (code, description) = (Printable.Of(Error), Printable.Of(ErrorDescription));
        return $"{Printable.Of(issuer)} says {(description.Length > 0 ? $"'{description}' ({code})" : $"'{code}'")}";
    }
}

/// <summary>What a device authorization endpoint gives (RFC 8628 3.2). A class, so that nothing prints it.</summary>
internal sealed class DeviceResponse
{
    /// <summary><c>device_code</c>.</summary>
    public string? DeviceCode { get; init; }

    /// <summary><c>user_code</c>.</summary>
    public string? UserCode { get; init; }

    /// <summary><c>verification_uri</c>.</summary>
    public string? VerificationUri { get; init; }

    /// <summary><c>verification_uri_complete</c>.</summary>
    public string? VerificationUriComplete { get; init; }

    /// <summary><c>expires_in</c>, in seconds.</summary>
    public int ExpiresIn { get; init; }

    /// <summary><c>interval</c>, in seconds; 5 where the provider does not say.</summary>
    public int? Interval { get; init; }
}

/// <summary>Source-generated serialisers of what providers say.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProviderMetadata))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(ProviderError))]
[JsonSerializable(typeof(DeviceResponse))]
internal sealed partial class ProviderJson : JsonSerializerContext;
