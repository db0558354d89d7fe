using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary>The configuration block of the design, word for word.</summary>
public sealed class DesignExampleTests : IDisposable
{
    private const string Block = """
        listen: http://127.0.0.1:8080          # one or a list
        tls: { certFile: tls.crt, keyFile: tls.key }   # for https listeners; files watched. kubectl sends no bearer token over plain http
        baseUrl: /
        management: { listen: http://127.0.0.1:8090 }
        publicUrl: https://fairlead.example.com # fixes the gateway's own origin
        kubernetes:
          clusterLocatorMethods:
            - type: config
              clusters:
                - name: kind
                  url: https://127.0.0.1:6443
                  authProvider: serviceAccount
                  serviceAccountToken: ${K8S_TOKEN}
                  caFile: ca.crt               # or caData, or skipTLSVerify: true
                - name: mtls
                  url: https://127.0.0.1:6443
                  authProvider: clientCertificate
                  clientCertFile: client.crt   # or clientCertData
                  clientKeyFile: client.key    # or clientKeyData
                  caFile: ca.crt
            - type: kubeconfig                 # path, contexts
            - type: inCluster
        auth:
          static:                              # machine callers; sha256 of the token in hex
            - { subject: bench, tokenSha256: "...", groups: [portal] }
          jwt:                                 # bearer JWTs of these issuers
            - { issuer: https://idp.example.com, audiences: [fairlead], usernameClaim: email, groupsClaim: groups }
          backstage: { url: http://backstage:7007 }
          tokenReview: true                    # a token of the target cluster itself identifies its owner
          oidc: { issuer: ..., clientId: ..., clientSecret: ..., scopes: [openid, profile, email, groups, offline_access] }
        access:
          rules:
            - { subjects: { groups: [portal] }, clusters: ["*"], namespaces: ["*"], resources: ["*"], verbs: ["*"] }
        serviceProxy:
          enabled: true
          defaultCluster: kind
          transport: auto                      # direct | apiserver | auto
          authorization: forward               # forward | identity | none
        audit: { file: audit.log }
        """;

    private readonly Loading _loading = new() { Environment = { ["K8S_TOKEN"] = "sa-token", ["HOME"] = "/home/me" } };

    [Fact]
    public void The_only_errors_in_the_block_are_its_placeholders()
    {
        var errors = _loading.Load(Block).Errors;
        errors.Select(static error => error.Path).Should().Equal("auth.static[0].tokenSha256", "auth.oidc.issuer");
        errors[0].Location.Should().EndWith("fairlead.yaml:25");
    }

    [Fact]
    public void The_block_with_a_hash_gives_what_it_says()
    {
        var options = _loading.Options(Block
            .Replace("tokenSha256: \"...\"", $"tokenSha256: \"{new string('a', 64)}\"", StringComparison.Ordinal)
            .Replace("issuer: ...", "issuer: https://login.example.com", StringComparison.Ordinal));

        options.Listen.Should().Equal(new Uri("http://127.0.0.1:8080"));
        options.Tls.Should().Be(new TlsFiles(_loading.Folder.Of("tls.crt"), _loading.Folder.Of("tls.key")));
        options.BaseUrl.Should().BeEmpty();
        options.ManagementListen.Should().Be(new Uri("http://127.0.0.1:8090"));
        options.PublicUrl.Should().Be(new Uri("https://fairlead.example.com"));
        options.Audit.File.Should().Be(_loading.Folder.Of("audit.log"));

        options.ClusterLocators.Select(locator => locator.Name).Should().Equal("config", "kubeconfig", "inCluster");
        var authority = new PemSource.File(_loading.Folder.Of("ca.crt"));
        var connection = new ClusterConnection { Server = new Uri("https://127.0.0.1:6443"), CertificateAuthority = authority };
        options.ClusterLocators[0].Should().BeOfType<ClusterLocator.Config>().Which.Clusters.Should().Equal(
            new ClusterDefinition
            {
                Locator = "config",
                Name = "kind",
                Connection = connection,
                Credential = new CredentialDefinition.ServiceAccountToken(new Secret("sa-token")),
            },
            new ClusterDefinition
            {
                Locator = "config",
                Name = "mtls",
                Connection = connection,
                Credential = new CredentialDefinition.ClientCertificate(new ClientCertificateSource(
                    new PemSource.File(_loading.Folder.Of("client.crt")), new PemSource.File(_loading.Folder.Of("client.key")))),
            });
        options.ClusterLocators[1].Should().BeOfType<ClusterLocator.Kubeconfig>().Which.Paths.Should().Equal("/home/me/.kube/config");
        options.ClusterLocators[2].Should().Be(new ClusterLocator.InCluster("inCluster", "main"));

        var token = options.Auth!.Static.Should().ContainSingle().Subject;
        token.Subject.Should().Be("bench");
        token.Groups.Should().Equal("portal");
        var jwt = options.Auth.Jwt.Should().ContainSingle().Subject;
        (jwt.Issuer, jwt.Claims.Username, jwt.Claims.Groups).Should().Be(("https://idp.example.com", "email", "groups"));
        jwt.Audiences.Should().Equal("fairlead");
        options.Auth.Backstage!.Url.Should().Be(new Uri("http://backstage:7007"));
        options.Auth.TokenReview.Should().BeTrue();
        var oidc = options.Auth.Oidc.Should().ContainSingle().Subject;
        (oidc.Name, oidc.Issuer, oidc.ClientId).Should().Be(("oidc", "https://login.example.com", "..."));
        oidc.CallbackUrl.Should().Be(new Uri("https://fairlead.example.com/auth/callback"));
        oidc.Scopes.Should().Equal("openid", "profile", "email", "groups", "offline_access");
        token.TokenSha256.ToArray().Should().Equal(Enumerable.Repeat((byte)0xaa, 32));
        options.AccessRules.Should().ContainSingle().Which.Should().BeEquivalentTo(new AccessRule
        {
            Label = "access.rules[0]",
            Groups = ["portal"],
            Clusters = ["*"],
            Namespaces = ["*"],
            Resources = ["*"],
            Verbs = ["*"],
        });
        options.ServiceProxy.Should().BeEquivalentTo(new ServiceProxyOptions { DefaultCluster = "kind" });
        options.Files.Select(static file => file.Path).Should().Equal(_loading.Folder.Of("fairlead.yaml"));
    }

    [Fact]
    public void Nothing_at_all_gives_the_defaults()
    {
        var options = Loading.Good(_loading.LoadFiles());
        options.Should().BeEquivalentTo(new GatewayOptions { Notices = options.Notices });
        options.Notices.Should().ContainSingle().Which.Should().Contain("no source of clusters");
    }

    [Fact]
    public void Without_a_file_the_clusters_are_those_of_the_current_kubeconfig()
    {
        var kubeconfig = _loading.Folder.Write("kc", "");
        _loading.Environment["KUBECONFIG"] = $"{kubeconfig}:other";
        Loading.Good(_loading.InPod().LoadFiles()).ClusterLocators.Should().ContainSingle()
            .Which.Should().BeOfType<ClusterLocator.Kubeconfig>().Which.Paths.Should().Equal(kubeconfig, _loading.Folder.Of("other"));
    }

    [Fact]
    public void Without_a_file_and_without_a_kubeconfig_a_pod_serves_its_own_cluster() =>
        Loading.Good(_loading.InPod().LoadFiles()).ClusterLocators.Should().Equal(new ClusterLocator.InCluster("inCluster", "main"));

    public void Dispose() => _loading.Dispose();
}
