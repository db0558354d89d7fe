using System.Net;
using System.Net.Http.Json;

namespace Fairlead.EndToEndTests.Logins;

/// <content>What an operator does at the provider (<c>test/clients/oidc/control.mjs</c>).</content>
internal sealed partial class OidcProviderProcess
{
    /// <inheritdoc/>
    public Task AddClientAsync(ProviderClient client) => SendAsync<object?>(
        HttpMethod.Put,
        $"clients/{Uri.EscapeDataString(client.Id)}",
        new Dictionary<string, object?>
        {
            ["client_secret"] = client.Secret,
            ["redirect_uris"] = client.RedirectUris,
            ["post_logout_redirect_uris"] = client.PostLogoutRedirectUris,
            ["backchannel_logout_uri"] = client.BackchannelLogoutUri,
            ["application_type"] = client.IsNative ? "native" : "web",
            ["grant_types"] = client.IsNative ? ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"] : new[] { "authorization_code", "refresh_token" },
        });

    /// <summary>Sets what is known of an account: the next tokens say it.</summary>
    public Task SetAccountAsync(string account, params IReadOnlyList<string> groups) => SendAsync<object?>(
        HttpMethod.Put,
        $"accounts/{Uri.EscapeDataString(account)}",
        new Dictionary<string, object>
        {
            ["name"] = account,
            ["preferred_username"] = account,
            ["email"] = $"{account}@example.com",
            ["email_verified"] = true,
            ["groups"] = groups,
        });

    /// <summary>Takes away everything that clients were granted in an account's name: its refresh tokens get <c>invalid_grant</c>.</summary>
    public Task RevokeAsync(string account) => SendAsync<object?>(HttpMethod.Post, $"accounts/{Uri.EscapeDataString(account)}/revoke");

    /// <summary>
    /// Ends an account's sessions at the provider and tells the clients (OpenID Connect Back-Channel Logout 1.0, section 2.5).
    /// </summary>
    /// <returns>What went wrong with each call; null for one that was answered as it should be.</returns>
    public Task<IReadOnlyList<string?>> LogOutAsync(string account) =>
        SendAsync<IReadOnlyList<string?>>(HttpMethod.Post, $"accounts/{Uri.EscapeDataString(account)}/logout");

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? content = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_control!, path));
        request.Content = content is null ? null : JsonContent.Create(content, options: _json);
        using var response = await _operator.SendAsync(request);
        return response.StatusCode is HttpStatusCode.OK
            ? (await response.Content.ReadFromJsonAsync<T>(_json))!
            : throw new InvalidOperationException($"{method} {path}: {await response.Content.ReadAsStringAsync()}\n{Transcript}");
    }
}

/// <summary>Something that oidc-provider said of itself; what does not belong to it is null.</summary>
/// <param name="Event">Its name there, like <c>grant.success</c> or <c>backchannel.error</c>, or <c>request</c>.</param>
internal sealed record ProviderEvent(string Event)
{
    /// <summary>The client concerned.</summary>
    public string? Client { get; init; }

    /// <summary><c>grant_type</c> of a request for tokens.</summary>
    public string? GrantType { get; init; }

    /// <summary>The account concerned.</summary>
    public string? Account { get; init; }

    /// <summary>The session of a back-channel logout.</summary>
    public string? Sid { get; init; }

    /// <summary>The method of a request.</summary>
    public string? Method { get; init; }

    /// <summary>The path of a request.</summary>
    public string? Path { get; init; }

    /// <summary>The error code.</summary>
    public string? Error { get; init; }

    /// <summary>What the provider knows of an error and tells nobody.</summary>
    public string? Detail { get; init; }
}
