using AwesomeAssertions;
using Fairlead.Configuration;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary><c>auth.jwt</c>, <c>auth.backstage</c>, <c>auth.oidc</c>, <c>sessions</c>, <c>me</c>, <c>trustedProxies</c>, <c>hosts</c>.</summary>
public sealed class LoginKeysTests : IDisposable
{
    private readonly Loading _loading = new();

    public void Dispose() => _loading.Dispose();

    [Theory]
    [InlineData("auth: { jwt: [{ audiences: [a] }] }", "auth.jwt[0].issuer", "is missing")]
    [InlineData("auth: { jwt: [{ issuer: https://a }] }", "auth.jwt[0].audiences", "is missing: name at least one")]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [] }] }", "auth.jwt[0].audiences", "the list is empty")]
    [InlineData("auth: { jwt: [{ issuer: http://idp.example, audiences: [a] }] }", "auth.jwt[0].issuer", "has to be an https address")]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [a], jwksUrl: http://idp.example/keys }] }", "auth.jwt[0].jwksUrl", "has to be an https address")]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [a], algorithms: [HS256] }] }", "auth.jwt[0].algorithms[0]", "is no signature algorithm that counts here")]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [a], algorithms: [none] }] }", "auth.jwt[0].algorithms[0]", "is no signature algorithm that counts here")]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [a], algorithms: [] }] }", "auth.jwt[0].algorithms", "the list is empty")]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [a] }, { issuer: https://a, audiences: [b] }] }", "auth.jwt[1].issuer", "another entry has the same issuer")]
    [InlineData("auth: { jwt: [{ issuer: https://a, audience: a, audiences: [a] }] }", "auth.jwt[0].audience", "did you mean 'audiences'?")]
    [InlineData("auth: { backstage: {} }", "auth.backstage.url", "is missing")]
    [InlineData("auth: { backstage: { url: portal } }", "auth.backstage.url", "has to be the address of the portal's backend")]
    [InlineData("auth: { backstage: { url: 'http://portal:7007', plugins: [../auth] } }", "auth.backstage.plugins[0]", "has to be a plugin's id")]
    [InlineData("auth: { backstage: { url: 'https://portal' }, jwt: [{ issuer: 'https://portal/api/auth', audiences: [backstage] }] }", "auth.jwt", "has the issuer of auth.backstage")]
    [InlineData("auth: { oidc: { issuer: https://a } }", "auth.oidc.clientId", "is missing")]
    [InlineData("auth: { oidc: { issuer: https://a, clientId: b, clusterToken: both } }", "auth.oidc.clusterToken", "has to be one of id_token, access_token")]
    [InlineData("listen: http://10.0.0.1:80\nauth: { oidc: { issuer: https://a, clientId: b } }", "auth.oidc.callbackUrl", "set publicUrl")]
    [InlineData("publicUrl: https://gw.example\nauth: { oidc: { issuer: https://a, clientId: b, callbackUrl: https://gw.example/back } }", "auth.oidc.callbackUrl", "/auth/callback or /oidc-callback")]
    [InlineData("publicUrl: https://gw.example\nauth: { oidc: { issuer: https://a, clientId: b, callbackUrl: https://other.example/auth/callback } }", "auth.oidc.callbackUrl", "has another origin than publicUrl")]
    [InlineData("auth: { oidc: [{ issuer: https://a, clientId: b }, { name: OIDC, issuer: https://c, clientId: d }] }", "auth.oidc[1].name", "another provider is called 'OIDC'")]
    [InlineData("auth: { oidc: { issuer: https://a, clientId: b, cli: {} } }", "auth.oidc.cli.clientId", "a public client at the provider")]
    [InlineData("auth: { oidc: { issuer: https://a, clientId: b, cli: { clientId: c, client: d } } }", "auth.oidc.cli.client", "did you mean 'clientId'?")]
    [InlineData("auth: { oidc: { issuer: https://a, clientId: b, tokenIssuer: https://t, cli: { clientId: c } } }", "auth.oidc.cli", "does not go with tokenIssuer")]
    [InlineData("auth: { oidc: { issuer: https://a, clientId: b, clientSecret: SENTINEL, cli: { clientId: c, clientSecret: SENTINEL } } }", "auth.oidc.cli.clientSecret", "the gateway tells this one to everybody")]
    [InlineData("auth: { oidc: { issuer: https://a, clientId: b, cli: { clientId: c, redirectUrl: https://127.0.0.1/ } } }", "auth.oidc.cli.redirectUrl", "has to be http on 127.0.0.1")]
    [InlineData("auth: { oidc: { issuer: https://a, clientId: b, cli: { clientId: c, redirectUrl: 'http://evil.example/' } } }", "auth.oidc.cli.redirectUrl", "has to be http on 127.0.0.1")]
    [InlineData("sessions: { redis: { url: SENTINEL } }", "sessions.redis.url", "has to begin with redis://")]
    [InlineData("sessions: { redis: { url: 'redis://r' } }", "sessions.secret", "is missing")]
    [InlineData("sessions: { secret: SENTINEL }", "sessions.secret", "is shorter than 32 characters")]
    [InlineData("sessions: { secret: SENTINELSENTINELSENTINELSENTINELSENTINEL, secretFile: x }", "sessions.secret", "must not stand together")]
    [InlineData("sessions: { previousSecret: SENTINELSENTINELSENTINELSENTINELSENTINEL }", "sessions.previousSecret", "means nothing without secret")]
    [InlineData("sessions: { secret: 0123456789abcdef0123456789abcdef, previousSecret: SENTINEL }", "sessions.previousSecret", "is shorter than 32 characters")]
    [InlineData("sessions: { secretFile: missing }", "sessions.secretFile", "does not exist")]
    [InlineData("sessions: { idle: 0s }", "sessions.idle", "has to be between")]
    [InlineData("me: { usernamePath: [7] }", "me.usernamePath[0]", "has to be a string")]
    [InlineData("trustedProxies: [everybody]", "trustedProxies[0]", "has to be an address or a network")]
    [InlineData("hosts: ['https://x']", "hosts[0]", "has to be a host name")]
    public void A_fault_is_one_error_with_path_and_remedy(string yaml, string path, string message)
    {
        var error = _loading.Error(yaml);

        error.Path.Should().Be(path);
        error.Message.Should().Contain(message);
        error.ToString().Should().NotContain("SENTINEL");
    }

    [Fact]
    public void A_list_of_providers_and_everything_about_one()
    {
        File.WriteAllText(_loading.Folder.Of("secret"), new string('s', 40) + "\n");
        var options = _loading.Options(
            """
            publicUrl: https://gw.example
            baseUrl: /gw
            hosts: [FAIRLEAD.fairlead.svc]
            trustedProxies: [10.0.0.0/8, 192.0.2.7, "2001:db8::/32"]
            auth:
              oidc:
                - { name: okta, issuer: "https://okta.example", clientId: a, clientSecret: s, scopes: "profile groups", clusterToken: access_token, audience: k, tokenIssuer: "https://t", caFile: ca.crt, algorithms: [ES256], usernameClaim: email, usernamePrefix: "o:", groupsClaim: roles, groupsPrefix: "g:" }
                - { name: other, issuer: "https://other.example/", clientId: b, callbackUrl: "https://gw.example/gw/oidc-callback" }
            sessions: { idle: 10m, absolute: 8h, secretFile: secret, redis: { url: "rediss://:p@r:6380/2", caFile: r.crt } }
            me: { usernamePath: "a, b", emailPath: [c], userInfoURL: https://x }
            """);

        var okta = options.Auth!.Oidc[0];
        okta.Scopes.Should().Equal("openid", "profile", "groups");
        (okta.UseAccessToken, okta.Audience, okta.TokenIssuer, okta.CaFile, okta.CallbackUrl.AbsoluteUri).Should().Be((true, "k", "https://t", _loading.Folder.Of("ca.crt"), "https://gw.example/gw/auth/callback"));
        okta.Algorithms.Should().Equal("ES256");
        (okta.Claims.Username, okta.Claims.UsernamePrefix, okta.Claims.Groups, okta.Claims.GroupsPrefix).Should().Be(("email", "o:", "roles", "g:"));
        options.Auth.Oidc[1].CallbackUrl.Should().Be(new Uri("https://gw.example/gw/oidc-callback"));
        (options.Sessions.Idle, options.Sessions.Absolute, options.Sessions.EncryptionSecret!.Reveal()).Should().Be((TimeSpan.FromMinutes(10), TimeSpan.FromHours(8), new string('s', 40)));
        (options.Sessions.Redis!.Host, options.Sessions.Redis.Port, options.Sessions.Redis.Database, options.Sessions.Redis.CaFile).Should().Be(("r", 6380, 2, _loading.Folder.Of("r.crt")));
        options.Me.UsernamePath.Should().Equal("a", "b");
        options.TrustedProxies.Select(static network => network.ToString()).Should().Equal("10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32");
        options.Hosts.Should().Equal("fairlead.fairlead.svc");
        options.ToString().Should().NotContain(new string('s', 40));
    }

    [Fact]
    public void The_command_line_asks_for_what_browsers_ask_for_unless_it_is_told_otherwise()
    {
        const string Start = "auth: { oidc: { issuer: https://a, clientId: b, scopes: [groups], ";

        _loading.Options(Start + "cli: { clientId: c } } }").Auth!.Oidc[0].Cli.Should().Be(new CliOptions { ClientId = "c", Scopes = ["openid", "groups"] });
        _loading.Options(Start + "cli: { clientId: c, clientSecret: told, scopes: email, redirectUrl: 'http://localhost:8000' } } }").Auth!.Oidc[0].Cli
            .Should().Be(new CliOptions { ClientId = "c", ClientSecret = "told", Scopes = ["openid", "email"], RedirectUrl = new Uri("http://localhost:8000") });
        _loading.Options(Start + "} }").Auth!.Oidc[0].Cli.Should().BeNull();
    }

    [Fact]
    public void Logins_that_end_with_the_process_are_named_at_start()
    {
        const string Oidc = "auth: { oidc: { issuer: https://a, clientId: b } }\n";

        _loading.Options(Oidc).Notices.Should().Contain(static notice => notice.StartsWith("sessions are kept in this process", StringComparison.Ordinal));
        _loading.Options(Oidc + "sessions: { secret: '0123456789abcdef0123456789abcdef', redis: { url: 'redis://r' } }").Notices.Should().NotContain(static notice => notice.StartsWith("sessions", StringComparison.Ordinal));
    }
}
