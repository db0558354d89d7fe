using System.Text;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Kubernetes.Secrets;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Fairlead.Tests.Credentials;

public sealed class IdentityTokensTests : IDisposable
{
    private const string Audience = "main/default/web";
    private static readonly string[] _groups = ["devs", "ops"];

    private readonly FakeTimeProvider _time = new();
    private readonly IdentityTokens _tokens;

    public IdentityTokensTests() => _tokens = new IdentityTokens(new GatewayOptions { PublicUrl = new Uri("https://fairlead.example.com:8443/ignored"), BaseUrl = "/gw" }, _time);

    [Fact]
    public async Task F24_H49_The_published_keys_verify_a_token_for_its_Service()
    {
        var result = await VerifyAsync(await TokenAsync());

        result.Exception.Should().BeNull();
        result.IsValid.Should().BeTrue();
        var token = (JsonWebToken)result.SecurityToken;
        (token.Subject, token.Issuer, token.Alg).Should().Be(("jane", "https://fairlead.example.com:8443/gw", "ES256"));
        token.Audiences.Should().Equal(Audience);
        token.GetPayloadValue<string[]>("groups").Should().Equal(_groups);
    }

    [Theory]
    [InlineData("main/default/other")]
    [InlineData("main/other/web")]
    [InlineData("other/default/web")]
    [InlineData("https://kubernetes.default.svc.cluster.local")]
    [InlineData("main/default/web/")]
    public async Task F24_H49_It_is_good_for_nobody_else(string audience) => (await VerifyAsync(await TokenAsync(), audience: audience)).IsValid.Should().BeFalse();

    [Fact]
    public async Task F24_It_lives_for_seconds()
    {
        var token = new JsonWebToken(await TokenAsync());
        var now = _time.GetUtcNow().UtcDateTime;

        (token.IssuedAt, token.ValidFrom, token.ValidTo).Should().Be((now, now, now + TimeSpan.FromSeconds(60)));
        (await VerifyAsync(token.EncodedToken)).IsValid.Should().BeTrue();
        _time.Advance(TimeSpan.FromSeconds(60));
        (await VerifyAsync(token.EncodedToken)).IsValid.Should().BeFalse();
    }

    [Fact]
    public async Task F24_One_that_is_handed_out_again_has_most_of_its_life_before_it()
    {
        var first = await TokenAsync();
        _time.Advance(TimeSpan.FromSeconds(19));
        var again = await TokenAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        var next = await TokenAsync();

        again.Should().Be(first, "signing costs more than the rest of a request");
        next.Should().NotBe(first);
        new JsonWebToken(again).ValidTo.Should().BeAfter(_time.GetUtcNow().UtcDateTime + TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task F24_Nobody_gets_the_token_of_another()
    {
        var tokens = new[]
        {
            await TokenAsync(),
            await TokenAsync("bob"),
            await TokenAsync(groups: ["devs"]),
            await TokenAsync(groups: ["ops", "devs"]),
            await TokenAsync(groups: []),
            await TokenAsync(audience: "main/default/other"),
            await TokenAsync(groups: ["devs,ops"]),
        };

        tokens.Should().OnlyHaveUniqueItems();
        tokens.Select(static token => new JsonWebToken(token).Id).Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task F24_Groups_are_a_list_however_many_there_are(int count)
    {
        var groups = Enumerable.Range(0, count).Select(static i => $"g{i}").ToArray();
        var payload = new JsonWebToken(await TokenAsync(groups: groups)).EncodedPayload;

        using var json = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(payload));
        json.RootElement.GetProperty("groups").ValueKind.Should().Be(JsonValueKind.Array);
        json.RootElement.GetProperty("groups").EnumerateArray().Select(static one => one.GetString()).Should().Equal(groups);
        json.RootElement.EnumerateObject().Select(static one => one.Name).Should().BeEquivalentTo("iss", "aud", "iat", "nbf", "exp", "sub", "groups", "fairlead.dev/caller", "jti");
    }

    [Fact]
    public async Task F24_A_name_may_hold_whatever_it_holds()
    {
        const string Name = "oidc:jané \"x\" <j@example.com>";

        (await VerifyAsync(await TokenAsync(Name))).ClaimsIdentity.FindFirst("sub")!.Value.Should().Be(Name);
    }

    [Fact]
    public void F24_The_published_set_holds_the_public_half_alone()
    {
        using var json = JsonDocument.Parse(_tokens.Keys);
        var key = json.RootElement.GetProperty("keys").EnumerateArray().Should().ContainSingle().Subject;

        key.EnumerateObject().Select(static one => one.Name).Should().BeEquivalentTo("kty", "use", "alg", "crv", "kid", "x", "y");
        var parsed = new JsonWebKeySet(Encoding.UTF8.GetString(_tokens.Keys)).Keys[0];
        parsed.HasPrivateKey.Should().BeFalse();
        (parsed.Kty, parsed.Crv, parsed.Alg, parsed.Use).Should().Be(("EC", "P-256", "ES256", "sig"));
        parsed.Kid.Should().Be(Base64UrlEncoder.Encode(parsed.ComputeJwkThumbprint()), "RFC 7638");
    }

    [Fact]
    public async Task F24_A_token_names_its_key()
    {
        new JsonWebToken(await TokenAsync()).Kid.Should().Be(new JsonWebKeySet(Encoding.UTF8.GetString(_tokens.Keys)).Keys[0].Kid);
        _tokens.Keys.Should().Equal(_tokens.Keys);
    }

    [Fact]
    public async Task F24_Another_gateways_keys_verify_nothing()
    {
        using var other = new IdentityTokens(new GatewayOptions { PublicUrl = new Uri("https://fairlead.example.com:8443"), BaseUrl = "/gw" }, _time);

        (await VerifyAsync(await TokenAsync(), keys: other.Keys)).IsValid.Should().BeFalse();
    }

    [Fact]
    public async Task Gateways_of_one_secret_verify_each_others_tokens_and_while_it_is_exchanged_those_under_both()
    {
        var (old, @new) = (new Secret(new string('o', 40)), new Secret(new string('n', 40)));
        using var before = Of(new BrowserSessionOptions { EncryptionSecret = old });
        using var other = Of(new BrowserSessionOptions { EncryptionSecret = old });
        using var first = Of(new BrowserSessionOptions { EncryptionSecret = old, PreviousSecret = @new });
        using var second = Of(new BrowserSessionOptions { EncryptionSecret = @new, PreviousSecret = old });
        using var after = Of(new BrowserSessionOptions { EncryptionSecret = @new });
        var (ofOld, ofNew) = ((await before.GetAsync("jane", _groups, "cluster", Audience)).Reveal(), (await second.GetAsync("jane", _groups, "cluster", Audience)).Reveal());

        before.Keys.Should().Equal(other.Keys);
        foreach (var tokens in (IdentityTokens[])[other, first, second])
        {
            (await VerifyAsync(ofOld, keys: tokens.Keys)).IsValid.Should().BeTrue();
        }

        foreach (var tokens in (IdentityTokens[])[first, second, after])
        {
            (await VerifyAsync(ofNew, keys: tokens.Keys)).IsValid.Should().BeTrue();
        }

        (await VerifyAsync(ofNew, keys: before.Keys)).IsValid.Should().BeFalse();
        (await VerifyAsync(ofOld, keys: after.Keys)).IsValid.Should().BeFalse();

        IdentityTokens Of(BrowserSessionOptions sessions) => new(new GatewayOptions { PublicUrl = new Uri("https://fairlead.example.com:8443"), BaseUrl = "/gw", Sessions = sessions }, _time);
    }

    [Fact]
    public async Task F24_A_changed_token_is_none()
    {
        var parts = (await TokenAsync()).Split('.');
        var payload = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(parts[1])).Replace("jane", "root", StringComparison.Ordinal);

        (await VerifyAsync($"{parts[0]}.{Base64UrlEncoder.Encode(payload)}.{parts[2]}")).IsValid.Should().BeFalse();
    }

    [Fact]
    public async Task Without_a_public_URL_the_issuer_has_a_name()
    {
        using var tokens = new IdentityTokens(new GatewayOptions(), _time);

        new JsonWebToken((await tokens.GetAsync("jane", [], "cluster", Audience)).Reveal()).Issuer.Should().Be("fairlead");
    }

    public void Dispose() => _tokens.Dispose();

    private async Task<string> TokenAsync(string subject = "jane", string[]? groups = null, string audience = Audience) =>
        (await _tokens.GetAsync(subject, groups ?? _groups, "cluster", audience)).Reveal();

    /// <summary>As a Service verifies it that knows the published keys, by the test's clock.</summary>
    private Task<TokenValidationResult> VerifyAsync(string token, string audience = Audience, byte[]? keys = null) => new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(
        token,
        new TokenValidationParameters
        {
            IssuerSigningKeys = new JsonWebKeySet(Encoding.UTF8.GetString(keys ?? _tokens.Keys)).GetSigningKeys(),
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidAudience = audience,
            IgnoreTrailingSlashWhenValidatingAudience = false,
            ValidIssuer = "https://fairlead.example.com:8443/gw",
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            LifetimeValidator = (from, to, _, _) => from <= _time.GetUtcNow().UtcDateTime && to > _time.GetUtcNow().UtcDateTime,
        });
}
