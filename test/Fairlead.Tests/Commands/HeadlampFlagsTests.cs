using AwesomeAssertions;
using Fairlead.Commands;
using Fairlead.Configuration;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.Tests.Commands;

/// <summary>The flags of the shipped Headlamp server, as flags and as variables (contract <c>headlamp.md</c> section 7).</summary>
public sealed class HeadlampFlagsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>The table of the contract, but for what needs files or stops the start.</summary>
    public static TheoryData<string, string> Accepted => new()
    {
        { "base-url", "/headlamp" }, { "enable-helm", "" }, { "enable-helm", "false" }, { "skipped-kube-contexts", "a,b" }, { "in-cluster", "" }, { "in-cluster-context-name", "here" },
        { "listen-addr", "127.0.0.1" }, { "port", "4466" }, { "session-ttl", "86400" }, { "log-level", "debug" }, { "log-level", "warn" }, { "insecure-ssl", "" }, { "version", "false" },
        { "oidc-client-id", "x" }, { "oidc-client-secret", "x" }, { "oidc-idp-issuer-url", "https://idp.example" }, { "oidc-scopes", "profile,email" }, { "oidc-callback-url", "https://x.example/oidc-callback" },
        { "oidc-validator-client-id", "x" }, { "oidc-validator-idp-issuer-url", "https://idp.example" }, { "oidc-use-access-token", "" }, { "oidc-use-cookie", "" }, { "oidc-use-pkce", "" },
        { "oidc-ca-file", "/ca" }, { "oidc-skip-tls-verify", "" }, { "me-username-path", "name" }, { "me-email-path", "email" }, { "me-groups-path", "groups" }, { "me-user-info-url", "https://x.example" },
        { "proxy-auth-username-header", "X-User" }, { "proxy-auth-group-header", "X-Group" }, { "proxy-auth-email-header", "X-Email" }, { "proxy-auth-token-header", "X-Token" },
        { "proxy-auth", "false" }, { "dev", "false" }, { "unsafe-use-service-account-token", "false" },
        { "enable-dynamic-clusters", "" }, { "allow-kubeconfig-changes", "" }, { "enable-cluster-inventory", "" }, { "cluster-inventory-namespace", "x" }, { "proxy-urls", "https://x.example" },
        { "metrics-enabled", "" }, { "tracing-enabled", "" }, { "otlp-endpoint", "localhost:4317" }, { "use-otlp-http", "" }, { "stdout-trace-enabled", "" }, { "sampling-rate", "0.5" },
        { "service-name", "headlamp" }, { "service-version", "0.30.0" }, { "html-static-dir", "/x" }, { "plugins-dir", "/x" }, { "user-plugins-dir", "/x" }, { "watch-plugins-changes", "" },
        { "cache-enabled", "" }, { "no-browser", "" }, { "app-name", "x" }, { "default-light-theme", "x" }, { "default-dark-theme", "x" }, { "force-theme", "x" }, { "pod-debug-image", "x" },
        { "node-shell-image", "x" }, { "node-shell-namespace", "x" },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void H96_A_flag_is_accepted_on_the_command_line_and_by_its_variable(string name, string value)
    {
        // A client of a provider is more than one flag.
        (string, string)[] others = name.StartsWith("oidc-", StringComparison.Ordinal)
            ? [.. new[] { ("oidc-client-id", "x"), ("oidc-idp-issuer-url", "https://idp.example") }.Where(other => !string.Equals(other.Item1, name, StringComparison.Ordinal))]
            : [];

        Good(Read([.. others, (name, value)]));
        Good(Read(others, (Variable(name), value.Length == 0 ? "true" : value)));
    }

    [Theory]
    [InlineData("proxy-auth", "", "auth.oidc")]
    [InlineData("unsafe-use-service-account-token", "", "access: { rules:")]
    [InlineData("service-account-token-path", "/token", "access: { rules:")]
    [InlineData("dev", "", "cors.origins")]
    public void H96_F45_What_would_be_unsafe_stops_the_start_and_says_what_to_do(string name, string value, string remedy)
    {
        foreach (var result in new[] { Read([(name, value)]), Read([], (Variable(name), value.Length == 0 ? "true" : value)) })
        {
            result.Options.Should().BeNull();
            result.Errors.Should().ContainSingle().Which.ToString().Should().Contain(name.Replace('-', '_').ToUpperInvariant().Length > 0 ? remedy : "");
        }
    }

    [Fact]
    public void H96_A_flag_wins_over_its_variable_and_that_over_the_file()
    {
        var file = _folder.Write("fairlead.yaml", "baseUrl: /file\nserviceProxy: { enabled: false }\n");

        Good(Read([], [file])).BaseUrl.Should().Be("/file");
        Good(Read([], [file], ("HEADLAMP_CONFIG_BASE_URL", "/variable"))).BaseUrl.Should().Be("/variable");
        Good(Read([("base-url", "/flag")], [file], ("HEADLAMP_CONFIG_BASE_URL", "/variable"))).BaseUrl.Should().Be("/flag");
    }

    [Fact]
    public void F1_H12_Enable_helm_switches_the_service_door()
    {
        var off = _folder.Write("off.yaml", "serviceProxy: { enabled: false }\n");

        Good(Read([])).ServiceProxy.Enabled.Should().BeTrue("the door is on without it");
        Good(Read([("enable-helm", "")], [off])).ServiceProxy.Enabled.Should().BeTrue();
        Good(Read([("enable-helm", "false")])).ServiceProxy.Enabled.Should().BeFalse();
        Good(Read([], ("HEADLAMP_CONFIG_ENABLE_HELM", "false"))).ServiceProxy.Enabled.Should().BeFalse();
    }

    [Fact]
    public void H06_A_base_URL_without_a_slash_is_a_start_error() =>
        Read([("base-url", "headlamp")]).Errors.Should().ContainSingle().Which.ToString().Should().Contain("--base-url").And.Contain("begins with a slash");

    [Fact]
    public void H96_A_certificate_makes_the_listener_https()
    {
        var options = Good(Read([("tls-cert-path", "/tls.crt"), ("tls-key-path", "/tls.key"), ("port", "4466")]));

        options.Listen.Should().ContainSingle().Which.Should().Be(new Uri("https://127.0.0.1:4466"));
        options.Tls.Should().Be(new TlsFiles("/tls.crt", "/tls.key"));
        Read([("tls-cert-path", "/tls.crt")]).Errors.Should().ContainSingle().Which.ToString().Should().Contain("keyFile");
    }

    [Fact]
    public void H96_The_address_is_loopback_and_any_in_a_cluster()
    {
        Good(Read([("port", "1234")])).Listen.Should().Equal(new Uri("http://127.0.0.1:1234"));
        Good(Read([("in-cluster", "")])).Listen.Should().Equal(new Uri("http://0.0.0.0:8080"));
        Good(Read([("in-cluster", ""), ("listen-addr", "10.1.2.3")])).Listen.Should().Equal(new Uri("http://10.1.2.3:8080"));
        Good(Read([("listen-addr", "")])).Listen.Should().Equal(new Uri("http://0.0.0.0:8080"));
        Good(Read([("listen-addr", "::1")])).Listen.Should().Equal(new Uri("http://[::1]:8080"));
    }

    [Fact]
    public void H96_Kubeconfigs_of_a_folder_stand_beside_the_named_ones_and_contexts_are_left_out()
    {
        var one = _folder.Write("one", "");

        var options = Good(Read([("kubeconfig", one), ("kubeconfig-dir", _folder.PathOf("folder")), ("skipped-kube-contexts", "x, y")]));

        var source = options.ClusterLocators.Should().ContainSingle().Which.Should().BeOfType<ClusterLocator.Kubeconfig>().Subject;
        source.Paths.Should().Equal(one, _folder.PathOf("folder"));
        source.SkippedContexts.Should().Equal("x", "y");
    }

    [Fact]
    public void H96_The_own_cluster_has_the_name_it_was_given() =>
        Good(Read([("in-cluster", ""), ("in-cluster-context-name", "here")])).ClusterLocators.Should().ContainSingle().Which
            .Should().BeOfType<ClusterLocator.InCluster>().Which.ClusterName.Should().Be("here");

    [Fact]
    public void H96_What_is_not_served_is_named_once_and_no_secret_with_it()
    {
        var notices = Good(Read([("oidc-client-id", "id"), ("oidc-client-secret", "geheim"), ("oidc-idp-issuer-url", "https://idp.example"), ("oidc-use-pkce", ""), ("plugins-dir", "/x"), ("use-otlp-http", "")])).Notices;

        notices.Should().ContainSingle(static notice => notice.StartsWith("--plugins-dir, --oidc-use-pkce are accepted and have no effect", StringComparison.Ordinal));
        notices.Should().ContainSingle(static notice => notice.StartsWith("--use-otlp-http have no effect without --tracing-enabled", StringComparison.Ordinal));
        notices.Should().NotContain(static notice => notice.Contains("geheim", StringComparison.Ordinal));
    }

    [Fact]
    public void H96_The_flags_of_traces_say_where_they_go()
    {
        var telemetry = Good(Read([("tracing-enabled", ""), ("otlp-endpoint", "collector:4318"), ("use-otlp-http", ""), ("sampling-rate", "0.25"), ("service-name", "headlamp"), ("service-version", "0.30.0")])).Telemetry;

        telemetry.Otlp.Should().Be(new OtlpOptions { Endpoint = new Uri("http://collector:4318"), IsHttp = true, Metrics = false });
        (telemetry.Sampling, telemetry.ServiceName, telemetry.ServiceVersion, telemetry.Stdout, telemetry.Metrics).Should().Be((0.25, "headlamp", "0.30.0", false, true));

        Good(Read([("tracing-enabled", "")])).Telemetry.Otlp!.Endpoint.Should().Be(new Uri("http://localhost:4317"));
        Good(Read([("tracing-enabled", ""), ("stdout-trace-enabled", "")])).Telemetry.Should().BeEquivalentTo(new { Stdout = true, Otlp = (OtlpOptions?)null });
        var off = Good(Read([("otlp-endpoint", "collector:4317"), ("metrics-enabled", "false")]));
        off.Telemetry.Should().BeEquivalentTo(new { Otlp = (OtlpOptions?)null, HasTraces = false, Metrics = false });
        off.Notices.Should().ContainSingle(static notice => notice.StartsWith("--otlp-endpoint have no effect", StringComparison.Ordinal));
    }

    [Fact]
    public void H96_The_flags_of_a_login_make_a_client()
    {
        var options = Good(Read(
        [
            ("oidc-client-id", "headlamp"), ("oidc-client-secret", "geheim"), ("oidc-idp-issuer-url", "https://idp.example"), ("oidc-scopes", "profile,email"),
            ("oidc-callback-url", "https://x.example/oidc-callback"), ("oidc-validator-client-id", "kubernetes"), ("oidc-validator-idp-issuer-url", "https://other.example"),
            ("oidc-use-access-token", ""), ("oidc-ca-file", "/ca"), ("session-ttl", "7200"), ("me-username-path", "name,upn"),
        ]));

        var client = options.Auth!.Oidc.Should().ContainSingle().Subject;
        (client.ClientId, client.ClientSecret!.Reveal(), client.Issuer).Should().Be(("headlamp", "geheim", "https://idp.example"));
        client.Scopes.Should().Equal("openid", "profile", "email");
        client.CallbackUrl.Should().Be(new Uri("https://x.example/oidc-callback"));
        (client.Audience, client.TokenIssuer, client.UseAccessToken, client.CaFile).Should().Be(("kubernetes", "https://other.example", true, "/ca"));
        options.Sessions.Absolute.Should().Be(TimeSpan.FromHours(2));
        options.Me.UsernamePath.Should().Equal("name", "upn");
        Good(Read([("session-ttl", "7200")])).Auth.Should().BeNull("how long sessions last says nothing about who may call");
    }

    [Fact]
    public void H96_Unverified_certificates_are_warned_of()
    {
        var options = Good(Read([("insecure-ssl", "")]));

        options.InsecureSkipTlsVerify.Should().BeTrue();
        options.Notices.Should().Contain(static notice => notice.StartsWith("--insecure-ssl is on", StringComparison.Ordinal));
        Good(Read([("insecure-ssl", "false")])).InsecureSkipTlsVerify.Should().BeFalse();
    }

    [Theory]
    [InlineData("serve", "-base-url", "/x", "-version")]
    [InlineData("serve", "--base-url=/x", "--version")]
    [InlineData("check", "-enable-helm=false", "--version=true", "--no-browser")]
    public async Task H96_Flags_are_written_with_one_dash_or_two_and_with_a_blank_or_an_equals_sign(params string[] arguments) =>
        (await CommandLine.RunAsync(arguments)).Should().Be(0, "--version prints and exits");

    [Fact]
    public async Task H96_An_unknown_flag_is_an_error() => (await CommandLine.RunAsync(["serve", "--unknown-flag", "--version"])).Should().NotBe(0);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static string Variable(string name) => "HEADLAMP_CONFIG_" + name.Replace('-', '_').ToUpperInvariant();

    private static GatewayOptions Good(ConfigurationResult result)
    {
        result.Errors.Should().BeEmpty();
        return result.Options!;
    }

    private static ConfigurationResult Read((string Name, string Value)[] flags, params (string Name, string Value)[] variables) => Read(flags, [], variables);

    private static ConfigurationResult Read((string Name, string Value)[] flags, string[] files, params (string Name, string Value)[] variables) =>
        new ServeArguments(files, flags.ToDictionary(static flag => flag.Name, static flag => flag.Value, StringComparer.Ordinal)).Read(
            new Dictionary<string, string>(variables.ToDictionary(static one => one.Name, static one => one.Value, StringComparer.Ordinal), StringComparer.Ordinal)
            {
                ["HOME"] = "/home/nobody-here",
            });
}
