using System.Net;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Xunit;

namespace Fairlead.Tests.Configuration;

public sealed class ServiceProxySectionTests : IDisposable
{
    private const string Named = "cluster: main, namespace: default, name: web";
    private readonly Loading _loading = new();

    [Fact]
    public void F1_F16_F23_Without_a_section_the_door_is_on_and_careful()
    {
        var options = _loading.Options("").ServiceProxy;

        options.Should().BeEquivalentTo(new ServiceProxyOptions());
        (options.Enabled, options.DefaultCluster, options.Transport, options.Authorization, options.RequiresOnlyGet).Should()
            .Be((true, null, TransportChoice.Auto, ServiceAuthorization.Forward, false));
        (options.ClusterDomain, options.HeadersTimeout).Should().Be(("cluster.local", TimeSpan.FromSeconds(60)));
        options.ExternalNames.Should().BeEmpty();
        options.AllowedAddresses.Should().BeEmpty();
        options.Services.Should().BeEmpty();
        _loading.Options("serviceProxy: {}").ServiceProxy.Should().BeEquivalentTo(options);
        _loading.Options("serviceProxy:").ServiceProxy.Should().BeEquivalentTo(options);
    }

    [Fact]
    public void Section7_All_keys_arrive()
    {
        var options = _loading.Options("""
            serviceProxy:
              enabled: false
              defaultCluster: main
              transport: apiserver
              authorization: identity
              requires: services/get
              externalNames: [artifacthub.io, "*.corp.example.", Other.Example.]
              allowedAddresses: [10.96.0.0/12, "fd00::/8", 127.0.0.1, "::1"]
              clusterDomain: cluster.example.
              headersTimeout: 90s
              services:
                - cluster: config/main
                  namespace: default
                  name: web
                  transport: direct
                  authorization: none
                  scheme: https
                  port: 8443
                  caFile: certs/ca.pem
                  clientCertFile: /certs/tls.crt
                  clientKeyFile: /certs/tls.key
                  headersTimeout: 5m
                  host: Grafana.Example.com
                - { cluster: main, namespace: default, name: other, transport: auto, scheme: http, port: metrics, tokenHeader: true }
            """).ServiceProxy;

        (options.Enabled, options.DefaultCluster, options.Transport, options.Authorization, options.RequiresOnlyGet).Should()
            .Be((false, "main", TransportChoice.ApiServer, ServiceAuthorization.Identity, true));
        options.ExternalNames.Should().Equal("artifacthub.io", "*.corp.example", "Other.Example");
        options.AllowedAddresses.Should().Equal(IPNetwork.Parse("10.96.0.0/12"), IPNetwork.Parse("fd00::/8"), IPNetwork.Parse("127.0.0.1/32"), IPNetwork.Parse("::1/128"));
        (options.ClusterDomain, options.HeadersTimeout).Should().Be(("cluster.example", TimeSpan.FromSeconds(90)));
        options.Services.Should().Equal(
            new ServiceOptions
            {
                Cluster = "config/main",
                Namespace = "default",
                Name = "web",
                Transport = TransportChoice.Direct,
                Authorization = ServiceAuthorization.None,
                Scheme = "https",
                Port = "8443",
                CertificateAuthority = new PemSource.File(_loading.Folder.Of("certs/ca.pem")),
                ClientCertificate = new ClientCertificateSource(new PemSource.File("/certs/tls.crt"), new PemSource.File("/certs/tls.key")),
                HeadersTimeout = TimeSpan.FromMinutes(5),
                Host = "grafana.example.com",
            },
            new ServiceOptions { Cluster = "main", Namespace = "default", Name = "other", Transport = TransportChoice.Auto, Scheme = "http", Port = "metrics", TokenHeader = true });
    }

    [Fact]
    public void A_Service_of_which_nothing_is_said_is_as_the_door()
    {
        var service = One(Named);

        service.Should().Be(new ServiceOptions { Cluster = "main", Namespace = "default", Name = "web" });
        (service.Transport, service.Authorization, service.Scheme, service.Port, service.HeadersTimeout).Should().Be((null, null, null, null, null));
    }

    [Theory]
    [InlineData("auto", "Auto")]
    [InlineData("direct", "Direct")]
    [InlineData("apiserver", "ApiServer")]
    public void F16_The_way_is_one_of_three(string word, string transport)
    {
        _loading.Options($"serviceProxy: {{ transport: {word} }}").ServiceProxy.Transport.ToString().Should().Be(transport);
        One($"{Named}, transport: {word}").Transport.ToString().Should().Be(transport);
    }

    [Theory]
    [InlineData("forward", "Forward")]
    [InlineData("identity", "Identity")]
    [InlineData("none", "None")]
    public void F23_F24_The_authorization_is_one_of_three(string word, string authorization)
    {
        _loading.Options($"serviceProxy: {{ authorization: {word} }}").ServiceProxy.Authorization.ToString().Should().Be(authorization);
        One($"{Named}, authorization: {word}").Authorization.ToString().Should().Be(authorization);
    }

    [Theory]
    [InlineData("services/proxy", false)]
    [InlineData("services/get", true)]
    public void F20_What_a_caller_needs_is_one_of_two(string word, bool onlyGet) =>
        _loading.Options($"serviceProxy: {{ requires: {word} }}").ServiceProxy.RequiresOnlyGet.Should().Be(onlyGet);

    [Fact]
    public void Decision20_A_credential_from_a_Secret_or_an_account_is_a_mode_of_its_own()
    {
        var secret = One($"{Named}, credentialSecretRef: {{ name: grafana-login }}");
        var account = One($"{Named}, serviceAccountToken: {{ audience: vault }}");

        (secret.Authorization, secret.CredentialSecret, secret.TokenAudience).Should().Be((ServiceAuthorization.Secret, "grafana-login", null));
        (account.Authorization, account.CredentialSecret, account.TokenAudience).Should().Be((ServiceAuthorization.ServiceAccountToken, null, "vault"));
    }

    [Theory]
    [InlineData("port: 80", "80")]
    [InlineData("port: \"80\"", "80")]
    [InlineData("port: http", "http")]
    public void F12_A_port_is_a_name_or_a_number(string text, string port) => One($"{Named}, {text}").Port.Should().Be(port);

    [Fact]
    public void F38_Skipping_verification_is_said_at_start()
    {
        var options = _loading.Options($"serviceProxy: {{ services: [{{ {Named}, skipTLSVerify: true }}] }}");

        options.ServiceProxy.Services[0].SkipTlsVerify.Should().BeTrue();
        options.Notices.Should().ContainSingle(static notice => notice.Contains("skipTLSVerify", StringComparison.Ordinal)).Which.Should().Contain("default/web").And.Contain("main");
        _loading.Options($"serviceProxy: {{ services: [{{ {Named}, skipTLSVerify: false }}] }}").Notices.Should().NotContain(static notice => notice.Contains("skipTLSVerify", StringComparison.Ordinal));
    }

    [Fact]
    public void H51_F25_Forward_over_the_API_server_is_an_error()
    {
        var error = _loading.Error($"serviceProxy: {{ services: [{{ {Named}, transport: apiserver, authorization: forward }}] }}");

        error.Path.Should().Be("serviceProxy.services[0].transport");
        error.Message.Should().Contain("apiserver").And.Contain("Authorization");
    }

    [Theory]
    [InlineData("transport: apiserver, credentialSecretRef: { name: x }")]
    [InlineData("transport: apiserver, serviceAccountToken: { audience: x }")]
    public void H51_F25_So_is_every_credential_that_would_not_arrive(string keys) =>
        _loading.Error($"serviceProxy: {{ services: [{{ {Named}, {keys} }}] }}").Path.Should().Be("serviceProxy.services[0].transport");

    [Theory]
    [InlineData("transport: apiserver")]
    [InlineData("transport: apiserver, authorization: identity")]
    [InlineData("transport: apiserver, authorization: none")]
    [InlineData("transport: apiserver, tokenHeader: true")]
    [InlineData("transport: direct, authorization: forward")]
    [InlineData("transport: auto, authorization: forward")]
    [InlineData("authorization: forward")]
    public void H51_F25_What_is_not_configured_together_is_none(string keys) => One($"{Named}, {keys}").Name.Should().Be("web");

    [Theory]
    [InlineData("enabled: maybe", "enabled", "true or false")]
    [InlineData("enabled: [true]", "enabled", "true or false")]
    [InlineData("defaultCluster: [a]", "defaultCluster", "a string")]
    [InlineData("defaultCluster: \"\"", "defaultCluster", "must not be empty")]
    [InlineData("transport: Direct", "transport", "auto, direct, apiserver")]
    [InlineData("authorization: cookie", "authorization", "forward, identity, none")]
    [InlineData("requires: services", "requires", "services/proxy, services/get")]
    [InlineData("externalNames: artifacthub.io", "externalNames", "a list")]
    [InlineData("externalNames: [[a]]", "externalNames[0]", "a string")]
    [InlineData("externalNames: [\"\"]", "externalNames[0]", "must not be empty")]
    [InlineData("allowedAddresses: 10.0.0.0/8", "allowedAddresses", "a list")]
    [InlineData("allowedAddresses: [10.0.0.0/8, ten]", "allowedAddresses[1]", "an address range")]
    [InlineData("allowedAddresses: [10.0.0.1/8]", "allowedAddresses[0]", "no bit set behind its prefix")]
    [InlineData("allowedAddresses: [10.0.0.0/33]", "allowedAddresses[0]", "an address range")]
    [InlineData("allowedAddresses: [example.com]", "allowedAddresses[0]", "an address range")]
    [InlineData("clusterDomain: \"a b\"", "clusterDomain", "a DNS domain")]
    [InlineData("clusterDomain: \"10.0.0.1\"", "clusterDomain", "a DNS domain")]
    [InlineData("clusterDomain: \"http://x\"", "clusterDomain", "a DNS domain")]
    [InlineData("headersTimeout: 60", "headersTimeout", "a duration")]
    [InlineData("headersTimeout: 9ms", "headersTimeout", "between 10ms and 24h")]
    [InlineData("headersTimeout: 25h", "headersTimeout", "between 10ms and 24h")]
    [InlineData("services: {}", "services", "a list")]
    [InlineData("services: [web]", "services[0]", "a map")]
    [InlineData("enable: true", "enable", "did you mean 'enabled'?")]
    [InlineData("allowedAdresses: []", "allowedAdresses", "did you mean 'allowedAddresses'?")]
    public void Section7_A_key_of_the_door_that_is_wrong_says_what_it_has_to_be(string key, string path, string message)
    {
        var error = _loading.Error($"serviceProxy: {{ {key} }}");

        error.Path.Should().Be("serviceProxy." + path);
        error.Message.Should().Contain(message);
        error.Location.Should().NotBeNull();
    }

    [Fact]
    public void A_section_that_is_no_map_is_wrong() => _loading.Error("serviceProxy: on").Path.Should().Be("serviceProxy");

    [Theory]
    [InlineData("namespace: default, name: web", "cluster", "is missing")]
    [InlineData("cluster: main, name: web", "namespace", "is missing")]
    [InlineData("cluster: main, namespace: default", "name", "is missing")]
    [InlineData("cluster: \"\", namespace: default, name: web", "cluster", "must not be empty")]
    [InlineData(Named + ", transport: pigeon", "transport", "auto, direct, apiserver")]
    [InlineData(Named + ", authorization: secret", "authorization", "forward, identity, none")]
    [InlineData(Named + ", scheme: ftp", "scheme", "http, https")]
    [InlineData(Named + ", scheme: HTTPS", "scheme", "http, https")]
    [InlineData(Named + ", port: [80]", "port", "a string")]
    [InlineData(Named + ", port: \"\"", "port", "must not be empty")]
    [InlineData(Named + ", caFile: \"\"", "caFile", "must not be empty")]
    [InlineData(Named + ", caFile: [a]", "caFile", "a string")]
    [InlineData(Named + ", clientCertFile: /c", "clientCertFile", "belong together")]
    [InlineData(Named + ", clientKeyFile: /k", "clientKeyFile", "belong together")]
    [InlineData(Named + ", skipTLSVerify: perhaps", "skipTLSVerify", "true or false")]
    [InlineData(Named + ", skipTlsVerify: true", "skipTlsVerify", "did you mean 'skipTLSVerify'?")]
    [InlineData(Named + ", headersTimeout: 1d", "headersTimeout", "a duration")]
    [InlineData(Named + ", headersTimeout: 1ms", "headersTimeout", "between")]
    [InlineData(Named + ", tokenHeader: X-Token", "tokenHeader", "true or false")]
    [InlineData(Named + ", credentialSecretRef: x", "credentialSecretRef", "a map")]
    [InlineData(Named + ", credentialSecretRef: {}", "credentialSecretRef.name", "is missing")]
    [InlineData(Named + ", credentialSecretRef: { name: x, namespace: y }", "credentialSecretRef.namespace", "unknown key")]
    [InlineData(Named + ", serviceAccountToken: {}", "serviceAccountToken.audience", "is missing")]
    [InlineData(Named + ", serviceAccountToken: { audience: a, expiry: b }", "serviceAccountToken.expiry", "unknown key")]
    [InlineData(Named + ", authorization: none, credentialSecretRef: { name: x }", "credentialSecretRef", "must not stand together")]
    [InlineData(Named + ", authorization: none, serviceAccountToken: { audience: x }", "serviceAccountToken", "must not stand together")]
    [InlineData(Named + ", credentialSecretRef: { name: x }, serviceAccountToken: { audience: x }", "credentialSecretRef", "must not stand together")]
    [InlineData(Named + ", host: \"https://grafana.example.com\"", "host", "a host name")]
    [InlineData(Named + ", host: \"grafana.example.com:8443\"", "host", "a host name")]
    [InlineData(Named + ", host: 10.0.0.1", "host", "a host name")]
    [InlineData(Named + ", host: \"*.example.com\"", "host", "a host name")]
    [InlineData(Named + ", host: \"a b\"", "host", "a host name")]
    [InlineData(Named + ", verb: get", "verb", "unknown key")]
    public void Section7_A_key_of_a_Service_that_is_wrong_says_what_it_has_to_be(string keys, string path, string message)
    {
        var error = _loading.Error($"serviceProxy: {{ services: [{{ {keys} }}] }}");

        error.Path.Should().Be("serviceProxy.services[0]." + path);
        error.Message.Should().Contain(message);
    }

    [Fact]
    public void A_Service_stands_once_in_the_list()
    {
        var error = _loading.Error($"serviceProxy: {{ services: [{{ {Named} }}, {{ {Named}, port: 80 }}] }}");

        error.Path.Should().Be("serviceProxy.services");
        error.Message.Should().Contain("default/web").And.Contain("main").And.Contain("more than once");
        _loading.Options($"serviceProxy: {{ services: [{{ {Named} }}, {{ cluster: other, namespace: default, name: web }}] }}").ServiceProxy.Services.Should().HaveCount(2);
    }

    [Fact]
    public void Decision21_A_host_belongs_to_one_Service()
    {
        var error = _loading.Error($"serviceProxy: {{ services: [{{ {Named}, host: grafana.example.com }}, {{ cluster: main, namespace: default, name: other, host: GRAFANA.example.com }}] }}");

        error.Path.Should().Be("serviceProxy.services");
        error.Message.Should().Contain("grafana.example.com");
    }

    [Fact]
    public void Decision24_All_errors_are_found_at_once()
    {
        var result = _loading.Load("""
            serviceProxy:
              enabled: maybe
              transport: pigeon
              allowedAddresses: [ten]
              services:
                - { cluster: main, namespace: default, port: [1] }
                - { cluster: main, namespace: default, name: web, scheme: ftp, headersTimeout: 1 }
              nothing: 1
            """);

        result.Options.Should().BeNull();
        result.Errors.Select(static error => error.Path).Should().BeEquivalentTo(
            "serviceProxy.enabled", "serviceProxy.transport", "serviceProxy.allowedAddresses[0]", "serviceProxy.services[0].name", "serviceProxy.services[0].port",
            "serviceProxy.services[1].scheme", "serviceProxy.services[1].headersTimeout", "serviceProxy.nothing");
    }

    [Fact]
    public void Decision21_A_host_is_found_in_any_case()
    {
        var options = _loading.Options($"serviceProxy: {{ services: [{{ {Named} }}, {{ cluster: main, namespace: default, name: grafana, host: grafana.example.com }}] }}").ServiceProxy;

        options.FindHost("Grafana.EXAMPLE.com")!.Name.Should().Be("grafana");
        options.FindHost("other.example.com").Should().BeNull();
        options.FindHost("").Should().BeNull();
    }

    [Fact]
    public void A_Service_is_found_by_its_clusters_plain_and_qualified_name()
    {
        var options = _loading.Options("""
            serviceProxy:
              services:
                - { cluster: main, namespace: default, name: web, port: a }
                - { cluster: config/main, namespace: default, name: other, port: b }
                - { cluster: elsewhere/main, namespace: default, name: third, port: c }
            """).ServiceProxy;
        var cluster = Make.Held("main");

        Find("default", "web").Should().Be("a");
        Find("default", "other").Should().Be("b");
        Find("default", "third").Should().BeNull();
        Find("other", "web").Should().BeNull();

        string? Find(string @namespace, string name) => options.Find(cluster, new Fairlead.Doors.ServiceTarget(@namespace, name, null, null, "/", IsRequestForm: false))?.Port;
    }

    public void Dispose() => _loading.Dispose();

    private ServiceOptions One(string keys) => _loading.Options($"serviceProxy: {{ services: [{{ {keys} }}] }}").ServiceProxy.Services.Should().ContainSingle().Subject;
}
