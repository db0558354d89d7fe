using System.Text;
using System.Text.Json;
using AwesomeAssertions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>
/// What the tokens of a real Backstage hold and which keys sign them, so that what the gateway asks of them rests on them and not on memory. Named
/// beside each are the files of its packages that issue and check them (<c>backend-defaults</c>: <c>entrypoints/auth</c>; <c>plugin-auth-backend</c>:
/// <c>identity</c>).
/// </summary>
public sealed class BackstageTokenTests
{
    private static readonly JsonWebTokenHandler _handler = new();

    /// <summary>identity/issueUserToken, identity/TokenFactory; user/UserTokenHandler.</summary>
    [Fact]
    public async Task A_users_token_names_issuer_audience_and_user_and_no_groups()
    {
        await using var portal = await BackstagePortal.StartAsync();

        var text = await portal.UserTokenAsync();

        var token = _handler.ReadJsonWebToken(text);
        HeaderOf(token).Should().BeEquivalentTo("typ", "alg", "kid");
        (token.Typ, token.Alg).Should().Be(("vnd.backstage.user", "ES256"));
        ClaimsOf(token).Should().BeEquivalentTo("iss", "sub", "aud", "iat", "exp", "uip");
        token.Issuer.Should().Be($"{portal.Url}api/auth");
        token.Subject.Should().Be(BackstagePortal.User);
        token.Audiences.Should().Equal("backstage");
        LifetimeOf(token).Should().Be(TimeSpan.FromHours(1));
        (await IsSignedByAsync(text, await portal.UserKeysAsync())).Should().BeTrue();
        (await IsSignedByAsync(text, await portal.PluginKeysAsync())).Should().BeFalse();
        var info = await portal.UserInfoAsync(text);
        info.ToString().Should().Be("""{"claims":{"sub":"user:development/guest","ent":["user:development/guest"]}}""");
    }

    /// <summary>service/router: <c>auth.omitIdentityTokenOwnershipClaim</c>. userInfo/DefaultUserInfoService takes <c>ent</c> where it is.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Groups_are_in_the_token_where_configured_and_at_the_user_info_endpoint_always(bool inToken)
    {
        string[] refs = ["user:default/jane", "group:default/platform"];
        await using var portal = await BackstagePortal.StartAsync(new()
        {
            BaseUrl = "https://portal.example/below",
            Guest = new() { UserEntityRef = "user:default/jane", OwnershipEntityRefs = refs },
            Auth = new() { OmitIdentityTokenOwnershipClaim = !inToken, IdentityTokenAlgorithm = "RS256" },
        });

        var text = await portal.UserTokenAsync();

        var token = _handler.ReadJsonWebToken(text);
        token.Alg.Should().Be("RS256");
        token.Issuer.Should().Be("https://portal.example/below/api/auth", "the public URL counts, not the one that was asked");
        token.Subject.Should().Be("user:default/jane");
        ClaimsOf(token).Contains("ent", StringComparer.Ordinal).Should().Be(inToken);
        StringsOf((await portal.UserInfoAsync(text)).GetProperty("claims").GetProperty("ent")).Should().Equal(refs);
        (await IsSignedByAsync(text, await portal.UserKeysAsync())).Should().BeTrue();
        if (inToken)
        {
            token.GetPayloadValue<string[]>("ent").Should().Equal(refs);
        }
    }

    /// <summary>plugin/PluginTokenHandler, plugin/keys/DatabasePluginKeySource.</summary>
    [Fact]
    public async Task A_plugins_token_names_both_plugins_and_no_issuer()
    {
        await using var portal = await BackstagePortal.StartAsync();

        var text = await portal.PluginTokenAsync();

        var token = _handler.ReadJsonWebToken(text);
        HeaderOf(token).Should().BeEquivalentTo("typ", "alg", "kid");
        (token.Typ, token.Alg).Should().Be(("vnd.backstage.plugin", "ES256"));
        ClaimsOf(token).Should().BeEquivalentTo("sub", "aud", "iat", "exp");
        token.Subject.Should().Be(BackstagePortal.PluginId, "it is the bare id; Backstage calls the owner plugin:<id>");
        token.Audiences.Should().Equal(BackstagePortal.KubernetesPluginId);
        LifetimeOf(token).Should().Be(TimeSpan.FromHours(1));
        (await IsSignedByAsync(text, await portal.PluginKeysAsync())).Should().BeTrue();
        (await IsSignedByAsync(text, await portal.PluginKeysAsync("auth"))).Should().BeFalse("each plugin has keys of its own");
        (await IsSignedByAsync(text, await portal.UserKeysAsync())).Should().BeFalse();
        _handler.ReadJsonWebToken(await portal.PluginTokenAsync("catalog")).Audiences.Should().Equal("catalog");
    }

    /// <summary>plugin/PluginTokenHandler.issueToken; DefaultAuthService.authenticate takes both signatures; user/UserTokenHandler.createLimitedUserToken.</summary>
    [Fact]
    public async Task A_token_on_behalf_of_a_user_holds_the_users_limited_token_which_the_other_key_signs()
    {
        await using var portal = await BackstagePortal.StartAsync();
        var user = _handler.ReadJsonWebToken(await portal.UserTokenAsync());

        var text = await portal.OnBehalfTokenAsync();

        var token = _handler.ReadJsonWebToken(text);
        token.Typ.Should().Be("vnd.backstage.plugin", "nothing but obo tells it from the plugin's own token");
        ClaimsOf(token).Should().BeEquivalentTo("sub", "aud", "iat", "exp", "obo");
        token.Subject.Should().Be(BackstagePortal.PluginId, "the user is named by obo alone");
        token.Audiences.Should().Equal(BackstagePortal.KubernetesPluginId);
        (await IsSignedByAsync(text, await portal.PluginKeysAsync())).Should().BeTrue();

        var inner = token.GetPayloadValue<string>("obo");
        var limited = _handler.ReadJsonWebToken(inner);
        HeaderOf(limited).Should().BeEquivalentTo("typ", "alg", "kid");
        (limited.Typ, limited.Alg, limited.Kid).Should().Be(("vnd.backstage.limited-user", "ES256", user.Kid));
        ClaimsOf(limited).Should().BeEquivalentTo("sub", "iat", "exp");
        limited.Subject.Should().Be(BackstagePortal.User);
        LifetimeOf(limited).Should().Be(TimeSpan.FromHours(1));
        token.ValidTo.Should().BeOnOrBefore(limited.ValidTo, "it ends with the user's own token");
        (await IsSignedByAsync(inner, await portal.UserKeysAsync())).Should().BeTrue();
        (await IsSignedByAsync(inner, await portal.PluginKeysAsync())).Should().BeFalse();
    }

    /// <summary>identity/issueUserToken.createUserIdentityClaim: <c>uip</c> is a signature, over a header and claims that are made up again from the token.</summary>
    [Fact]
    public async Task Whoever_sees_a_users_token_can_make_the_limited_one_of_it()
    {
        await using var portal = await BackstagePortal.StartAsync();
        var user = _handler.ReadJsonWebToken(await portal.UserTokenAsync());

        var made = string.Join('.',
            Encode($$"""{"typ":"vnd.backstage.limited-user","alg":"{{user.Alg}}","kid":"{{user.Kid}}"}"""),
            Encode($$"""{"sub":"{{user.Subject}}","iat":{{Seconds(user, "iat")}},"exp":{{Seconds(user, "exp")}}}"""),
            user.GetPayloadValue<string>("uip"));

        (await IsSignedByAsync(made, await portal.UserKeysAsync())).Should().BeTrue("a limited token as a bearer token is therefore refused");
        HeaderOf(_handler.ReadJsonWebToken(await portal.LimitedUserTokenAsync())).Should().BeEquivalentTo("typ", "alg", "kid");
        (await portal.UserInfoAsync(made)).GetProperty("claims").GetProperty("sub").GetString().Should().Be(BackstagePortal.User);
        await FluentActions.Awaiting(() => portal.OnBehalfTokenWithAsync(made)).Should().ThrowAsync<InvalidOperationException>().WithMessage("*401*");
    }

    private static string Encode(string text) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(text));

    private static long Seconds(JsonWebToken token, string claim) => token.GetPayloadValue<long>(claim);

    private static TimeSpan LifetimeOf(JsonWebToken token) => token.ValidTo - token.IssuedAt;

    private static string[] HeaderOf(JsonWebToken token) => NamesOf(token.EncodedHeader);

    private static string[] ClaimsOf(JsonWebToken token) => NamesOf(token.EncodedPayload);

    private static string[] NamesOf(string part) =>
        [.. JsonSerializer.Deserialize<JsonElement>(Base64UrlEncoder.Decode(part)).EnumerateObject().Select(static property => property.Name)];

    private static string[] StringsOf(JsonElement list) => [.. list.EnumerateArray().Select(static item => item.GetString()!)];

    /// <summary>Whether one of the keys has signed it, in its time; who issued it for whom is looked at by the tests themselves.</summary>
    private static async Task<bool> IsSignedByAsync(string token, JsonWebKeySet keys)
    {
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKeys = keys.GetSigningKeys(),
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidateIssuer = false,
            ValidateAudience = false,
        });
        return result.IsValid;
    }
}
