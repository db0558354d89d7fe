using Fairlead.Testing.Issuers;

namespace Fairlead.Bench;

/// <summary>An identity provider, for JWTs and sessions.</summary>
internal sealed class UpstreamIdentity : IAsyncDisposable
{
    /// <summary>The client that it knows, also the audience of its tokens.</summary>
    public const string ClientId = TestIssuer.ClientId;

    /// <summary>The client's secret.</summary>
    public const string ClientSecret = TestIssuer.ClientSecret;

    private readonly TestIssuer _issuer;

    private UpstreamIdentity(TestIssuer issuer) => _issuer = issuer;

    /// <summary><c>iss</c>.</summary>
    public string Issuer => _issuer.Issuer;

    /// <summary>Starts it; its tokens are good for a day, so that none ends within a run.</summary>
    public static async Task<UpstreamIdentity> StartAsync()
    {
        var issuer = await TestIssuer.StartAsync();
        issuer.Lifetime = TimeSpan.FromDays(1);
        issuer.Claims["groups"] = new System.Text.Json.Nodes.JsonArray("portal");
        return new UpstreamIdentity(issuer);
    }

    /// <summary>A token of somebody.</summary>
    public string Token() => _issuer.Token();

    /// <summary>Where a browser is sent that has signed in, given where the gateway sent it.</summary>
    public string SignIn(string authorizationUrl) => _issuer.SignIn(authorizationUrl);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _issuer.DisposeAsync();
}
