using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Clouds;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Tests.Configuration;

public sealed class KubernetesSectionTests : IDisposable
{
    private static readonly PemPair Pair = PemPair.Create();
    private readonly Loading _loading = new() { Environment = { ["HOME"] = "/home/me" } };

    [Fact]
    public void B108_every_key_of_the_section_is_accepted_unchanged()
    {
        _loading.Environment["K8S_TOKEN"] = "tok";
        _loading.Environment["K8S_CA"] = Pair.CertificateData;
        _loading.Environment["GOOGLE_KEY"] = new GoogleKey().Json;
        var options = _loading.Options("""
            kubernetes:
              frontend: { podDelete: { enabled: true } }
              podExecTerminal: { enabled: true }
              serviceLocatorMethod:
                type: 'multiTenant'
              clusterLocatorContinueOnError: false
              objectTypes: [configmaps, deployments]
              apiVersionOverrides:
                cronjobs: 'v1beta1'
              customResources:
                - group: 'argoproj.io'
                  apiVersion: 'v1alpha1'
                  plural: 'rollouts'
              googleServiceAccountCredentials: ${GOOGLE_KEY}
              proxy: { middlewareCache: { ttl: { milliseconds: 1000 }, maxSize: 5 } }
              clusterLocatorMethods:
                - type: 'config'
                  clusters:
                    - url: http://127.0.0.1:9999
                      name: minikube
                      title: My Minikube
                      authProvider: 'serviceAccount'
                      skipTLSVerify: false
                      skipMetricsLookup: true
                      serviceAccountToken: ${K8S_TOKEN}
                      dashboardUrl: http://127.0.0.1:64713 # url copied from running the command
                      dashboardApp: standard
                      dashboardParameters: { projectId: p, region: r, clusterName: c }
                      caData: ${K8S_CA}
                      caFile: ''
                      customResources:
                        - group: 'argoproj.io'
                          apiVersion: 'v1alpha1'
                          plural: 'rollouts'
                    - url: http://127.0.0.2:9999
                      name: aws-cluster-1
                      authProvider: 'aws'
                      assumeRole: arn:aws:iam::123456789012:role/portal
                      externalId: id
                      authMetadata: { kubernetes.io/x-k8s-aws-id: other }
                    - url: http://127.0.0.3:9999
                      name: azure
                      authProvider: azure
                    - url: http://127.0.0.4:9999
                      name: okta
                      authProvider: oidc
                      oidcTokenProvider: Okta
                - type: 'gke'
                  projectId: 'gke-clusters'
                  region: 'europe-west1'
                  authProvider: google
                  skipTLSVerify: true
                  skipMetricsLookup: true
                  exposeDashboard: true
                  endpointType: dns
                  matchingResourceLabels:
                    - key: 'environment'
                      value: 'production'
                - type: 'catalog'
                  dangerouslyAllowClusterUrls: ['127.0.0.1', '*.example.com']
                  dangerouslyAllowSkipTLSVerify: true
                - type: 'localKubectlProxy'
                - type: kubeconfig
                  path: [~/one, two]
                  contexts: [dev]
                - type: inCluster
                  name: home
            """.Replace("caFile: ''", "", StringComparison.Ordinal));

        options.ClusterLocators.Select(locator => locator.Name).Should().Equal("config", "gke", "catalog", "localKubectlProxy", "kubeconfig", "home");
        var clusters = Clusters(options);
        clusters[0].Should().Be(new ClusterDefinition
        {
            Locator = "config",
            Name = "minikube",
            Title = "My Minikube",
            DashboardUrl = "http://127.0.0.1:64713",
            Connection = new ClusterConnection
            {
                Server = new Uri("http://127.0.0.1:9999"),
                CertificateAuthority = new PemSource.Inline(new Secret(Pair.Certificate)),
            },
            Credential = new CredentialDefinition.ServiceAccountToken(new Secret("tok")),
        });
        clusters[1].Credential.Should().Be(new CredentialDefinition.Aws("other", null, "arn:aws:iam::123456789012:role/portal", "id"));
        clusters[2].Credential.Should().Be(new CredentialDefinition.Azure());
        clusters[3].Credential.Should().Be(new CredentialDefinition.ClientSide("oidc", "Okta"));
        options.ClusterLocators[4].Should().BeOfType<ClusterLocator.Kubeconfig>().Which.Should().BeEquivalentTo(
            new ClusterLocator.Kubeconfig("kubeconfig", ["/home/me/one", _loading.Folder.Of("two")], ["dev"]));
        options.ClusterLocators[5].Should().Be(new ClusterLocator.InCluster("home", "home"));

        options.Notices.Should().ContainSingle(notice => notice.StartsWith("these keys are accepted and have no effect here: ", StringComparison.Ordinal))
            .Which.Should().ContainAll(
                "kubernetes.serviceLocatorMethod", "kubernetes.objectTypes", "kubernetes.apiVersionOverrides", "kubernetes.customResources",
                "kubernetes.proxy", "kubernetes.frontend", "kubernetes.podExecTerminal", "clusters[0].skipMetricsLookup",
                "clusters[0].customResources", "clusters[0].dashboardApp", "clusters[0].dashboardParameters");
        options.Notices.Should().ContainSingle(notice => notice.Contains("auth.backstage.url", StringComparison.Ordinal));
        options.Notices.Should().ContainSingle(notice => notice.Contains("clusterLocatorContinueOnError", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("google", "google")]
    [InlineData("aks", "aks")]
    [InlineData("passThrough", "serviceAccount")]
    [InlineData("localKubectlProxy", "localKubectlProxy")]
    [InlineData("aws", "aws")]
    [InlineData("azure", "azure")]
    [InlineData("googleServiceAccount", "googleServiceAccount")]
    [InlineData("exec", "serviceAccount")]
    [InlineData("impersonate", "serviceAccount")]
    public void B108_every_provider_is_accepted(string provider, string reported)
    {
        var options = _loading.Options(Loading.Cluster($"name: c, url: https://h, authProvider: {provider}{provider switch { "impersonate" => ", impersonation: { serviceAccountToken: t, users: [jane] }", "exec" => ", exec: { command: login }", _ => "" }}"));
        var credential = Clusters(options).Should().ContainSingle().Subject.Credential;
        credential.ReportedProvider.Should().Be(reported);
        options.Notices.Any(notice => notice.Contains("is not served by this version", StringComparison.Ordinal))
            .Should().Be(credential is CredentialDefinition.Unavailable { Problem: null });
    }

    [Fact]
    public void AuthMetadata_wins_over_the_keys_of_their_own()
    {
        var cluster = Clusters(_loading.Options(Loading.Cluster(
            "name: c, url: https://h, authProvider: google, oidcTokenProvider: a, "
            + "authMetadata: { kubernetes.io/auth-provider: oidc, kubernetes.io/oidc-token-provider: b }")))[0];
        cluster.Credential.Should().Be(new CredentialDefinition.ClientSide("oidc", "b"));
    }

    [Fact]
    public void B29_F11_unnamed_sources_of_one_type_are_numbered_in_file_order()
    {
        var options = _loading.Options("""
            kubernetes:
              clusterLocatorMethods:
                - { type: config, clusters: [{ name: prod, url: https://a, authProvider: google }] }
                - { type: config, name: extra, clusters: [{ name: prod, url: https://b, authProvider: google }] }
                - { type: config, clusters: [{ name: prod, url: https://c, authProvider: google }] }
                - { type: localKubectlProxy }
                - { type: config, clusters: [{ name: prod, url: https://d, authProvider: google }] }
            """);
        options.ClusterLocators.OfType<ClusterLocator.Config>().SelectMany(locator => locator.Clusters).Select(cluster => cluster.QualifiedName)
            .Should().Equal("config/prod", "extra/prod", "config-2/prod", "config-3/prod");
    }

    [Theory]
    [InlineData("- { type: localKubectlProxy, name: a }\n    - { type: inCluster, name: a }")]
    [InlineData("- { type: localKubectlProxy }\n    - { type: inCluster, name: localKubectlProxy }")]
    [InlineData("- { type: localKubectlProxy, name: inCluster }\n    - { type: inCluster }")]
    public void F11_two_sources_of_one_name_are_an_error_that_names_both(string locators)
    {
        var error = _loading.Error($"kubernetes:\n  clusterLocatorMethods:\n    {locators}");
        error.Path.Should().StartWith("kubernetes.clusterLocatorMethods[1].");
        error.Message.Should().Contain("kubernetes.clusterLocatorMethods[0]").And.Contain("fairlead.yaml:3");
        error.Location.Should().EndWith(":4");
    }

    [Fact]
    public void B30_F12_a_duplicate_name_in_one_config_source_names_both_places()
    {
        var error = _loading.Error("""
            kubernetes:
              clusterLocatorMethods:
                - type: config
                  clusters:
                    - { name: x, url: https://a, authProvider: google }
                    - { name: y, url: https://a, authProvider: google }
                    - { name: x, url: https://b, authProvider: google }
            """);
        error.Path.Should().Be("kubernetes.clusterLocatorMethods[0].clusters[2].name");
        error.Location.Should().EndWith("fairlead.yaml:7");
        error.Message.Should().Contain("duplicate cluster name 'x'").And.Contain("clusters[0]").And.Contain("fairlead.yaml:5");
    }

    [Theory]
    [InlineData("authProvider: vault", "authProvider", "authProvider 'vault' is not known")]
    [InlineData("authProvider: my-own", "authProvider", "holds a '-'")]
    [InlineData("title: t", "authProvider", "authProvider is missing")]
    [InlineData("authProvider: oidc", "oidcTokenProvider", "oidcTokenProvider is missing")]
    [InlineData("authProvider: oidc, oidcTokenProvider: '${MISSING}'", "oidcTokenProvider", "oidcTokenProvider is missing")]
    [InlineData("authProvider: google, authMetadata: { kubernetes.io/auth-provider: vault }", "authProvider", "authProvider 'vault' is not known")]
    public void B53_a_provider_fault_names_cluster_and_key_and_lists_the_known_ones(string keys, string key, string message)
    {
        var error = _loading.Error(Loading.Cluster($"name: okta, url: https://h, {keys}"));
        error.Path.Should().Be($"kubernetes.clusterLocatorMethods[0].clusters[0].{key}");
        error.Message.Should().Contain("cluster 'okta'").And.Contain(message).And.ContainAll(
            "google", "aks", "oidc", "serviceAccount", "googleServiceAccount", "aws", "azure", "localKubectlProxy", "clientCertificate", "exec",
            "impersonate", "passThrough");
    }

    [Fact]
    public void B52_a_service_account_without_a_token_outside_a_pod_is_an_error_that_names_the_cluster() =>
        _loading.Error(Loading.Cluster("name: kind, url: https://h, authProvider: serviceAccount"))
            .ToString().Should().Contain("cluster 'kind'").And.Contain("serviceAccountToken is missing");

    [Fact]
    public void F50_a_service_account_without_a_token_in_a_pod_is_the_pods_own_cluster()
    {
        var options = _loading.InPod().Options(Loading.Cluster("name: kind, url: https://elsewhere, authProvider: serviceAccount, caFile: x, skipTLSVerify: true"));
        var cluster = Clusters(options).Should().ContainSingle().Subject;
        cluster.Connection.Should().Be(new ClusterConnection
        {
            Server = new Uri("https://10.96.0.1:443"),
            CertificateAuthority = new PemSource.File(_loading.Folder.Of("account/ca.crt")),
        });
        cluster.Credential.Should().Be(new CredentialDefinition.TokenFile(_loading.Folder.Of("account/token")));
        options.Notices.Should().Contain(notice => notice.StartsWith("cluster 'kind': without a serviceAccountToken", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("serviceAccountToken: '${K8S_TOKEN}'")]
    [InlineData("serviceAccountToken: { $env: K8S_TOKEN }")]
    [InlineData("authMetadata: { serviceAccountToken: '${K8S_TOKEN}' }")]
    public void F50_a_token_whose_variable_is_not_set_never_becomes_the_pods_own(string token) =>
        _loading.InPod().Error(Loading.Cluster($"name: kind, url: https://h, authProvider: serviceAccount, {token}"))
            .Message.Should().Contain("the environment variable 'K8S_TOKEN' is not set");

    [Fact]
    public void B48_written_certificate_and_key_of_two_pairs_break_the_cluster_and_name_both_keys()
    {
        var options = _loading.Options(Loading.Cluster(
            $"name: mtls, url: https://h, authProvider: clientCertificate, clientCertData: {Pair.CertificateData}, clientKeyData: {PemPair.Create().KeyData}"));
        CatalogFactory.FindProblem(Clusters(options)[0], TimeProvider.System).Should().Contain("do not belong together").And.Contain("clientCertData").And.Contain("clientKeyData");
    }

    [Fact]
    public void B48_certificate_and_key_files_of_two_pairs_are_named_at_start_and_may_be_mended_later()
    {
        _loading.Folder.Write("c.pem", Pair.Certificate);
        _loading.Folder.Write("k.pem", PemPair.Create().Key);
        const string keys = "name: mtls, url: https://h, authProvider: clientCertificate, clientCertFile: c.pem, clientKeyFile: k.pem";

        var cluster = Clusters(_loading.Options(Loading.Cluster(keys)))[0];
        CatalogFactory.FindProblem(cluster, TimeProvider.System).Should().Contain("do not belong together")
            .And.Contain($"clientCertFile: {_loading.Folder.Of("c.pem")}").And.Contain($"clientKeyFile: {_loading.Folder.Of("k.pem")}");

        _loading.Folder.Write("k.pem", Pair.Key);
        CatalogFactory.FindProblem(cluster, TimeProvider.System).Should().BeNull();
    }

    [Fact]
    public void Files_that_do_not_exist_are_no_error_of_the_configuration() =>
        _loading.Options(Loading.Cluster("name: m, url: https://h, authProvider: clientCertificate, clientCertFile: no.crt, clientKeyFile: no.key, caFile: no.ca"))
            .Notices.Should().BeEmpty();

    [Fact]
    public void B72_SkipTLSVerify_is_a_risk_that_is_said() =>
        CatalogFactory.FindRisk(Clusters(_loading.Options(Loading.Cluster("name: c, url: https://h, authProvider: google, skipTLSVerify: true")))[0]).Should().Contain("skipTLSVerify");

    [Theory]
    [InlineData("url: https://h, authProvider: google", "name", "is missing")]
    [InlineData("name: '', url: https://h, authProvider: google", "name", "must not be empty")]
    [InlineData("name: ' a', url: https://h, authProvider: google", "name", "nor blanks at its ends")]
    [InlineData("name: 7, url: https://h, authProvider: google", "name", "has to be a string, this is a number; put it in quotes")]
    [InlineData("name: c, authProvider: google", "url", "is missing")]
    [InlineData("name: c, url: '${SENTINEL}', authProvider: google", "url", "has no value: the environment variable 'SENTINEL' is not set")]
    [InlineData("name: c, url: h:6443, authProvider: google", "url", "has to be a full URL")]
    [InlineData("name: c, url: 'https://u:SECRET@h', authProvider: google", "url", "must not hold user info")]
    [InlineData("name: c, url: 'https://h?token=SECRET', authProvider: google", "url", "must not have a query")]
    [InlineData("name: c, url: 'https://h/#SECRET', authProvider: google", "url", "must not have a fragment")]
    [InlineData("name: c, url: https://h, authProvider: google, caData: SECRET*", "caData", "is not valid base64")]
    [InlineData("name: c, url: https://h, authProvider: google, caData: U0VDUkVU", "caData", "no PEM certificate inside")]
    [InlineData("name: c, url: https://h, authProvider: google, caData: U0VDUkVU, caFile: x", "caData", "must not stand together")]
    [InlineData("name: c, url: https://h, authProvider: google, skipTlsVerify: true", "skipTlsVerify", "did you mean 'skipTLSVerify'?")]
    [InlineData("name: c, url: https://h, authProvider: google, skipTLSVerify: SECRET", "skipTLSVerify", "has to be true or false")]
    [InlineData("name: c, url: https://h, authProvider: google, skipMetricsLookup: 7", "skipMetricsLookup", "has to be true or false")]
    [InlineData("name: c, url: https://h, authProvider: google, customResources: [{ group: g, plural: p }]", "customResources[0].apiVersion", "is missing")]
    [InlineData("name: c, url: https://h, authProvider: google, dashboardUrl: 'javascript:SECRET'", "dashboardUrl", "http or https URL")]
    [InlineData("name: c, url: https://h, authProvider: google, authMetadata: { a: 1 }", "authMetadata.a", "has to be a string")]
    [InlineData("name: c, url: https://h, authProvider: google, clientCertFile: x", "clientCertFile", "needs authProvider: clientCertificate")]
    [InlineData("name: c, url: https://h, authProvider: serviceAccount, serviceAccountToken: 'SEC RET'", "serviceAccountToken", "holds blanks")]
    [InlineData("name: c, url: https://h, authProvider: serviceAccount, serviceAccountToken: 5318008", "serviceAccountToken", "has to be a string")]
    [InlineData("name: c, url: https://h, authProvider: serviceAccount, serviceAccountToken: ''", "serviceAccountToken", "must not be empty")]
    [InlineData("name: c, url: https://h, authProvider: clientCertificate, clientKeyFile: x", "clientCertFile", "needs clientCertFile or clientCertData")]
    [InlineData("name: c, url: https://h, authProvider: clientCertificate, clientCertFile: x", "clientKeyFile", "needs clientKeyFile or clientKeyData")]
    [InlineData("name: c, url: https://h, authProvider: clientCertificate, clientCertFile: x, clientKeyFile: y, clientKeyData: SECRET", "clientKeyData", "must not stand together")]
    public void A_cluster_fault_is_an_error_with_its_key_and_without_its_value(string keys, string key, string message)
    {
        var errors = _loading.Load(Loading.Cluster(keys)).Errors;
        errors.Should().Contain(error =>
            error.Path == $"kubernetes.clusterLocatorMethods[0].clusters[0].{key}" && error.Message.Contains(message, StringComparison.Ordinal));
        string.Concat(errors).Should().NotContain("SECRET").And.NotContain("U0VDUkVU").And.NotContain("5318008");
    }

    [Theory]
    [InlineData("{ type: '${MISPLACED}' }")]
    [InlineData("{ type: { $env: MISPLACED } }")]
    [InlineData("{ type: config, clusters: [{ name: a, url: 'https://a', authProvider: '${MISPLACED}' }] }")]
    [InlineData("{ type: config, clusters: [{ name: a, url: 'https://a', authMetadata: { kubernetes.io/auth-provider: 'x${MISPLACED}' } }] }")]
    [InlineData("{ type: catalog, url: 'https://a', dangerouslyAllowClusterUrls: ['${MISPLACED}'] }")]
    [InlineData("{ type: { $env: '${MISPLACED}' } }")]
    [InlineData("{ type: { $file: '${MISPLACED}' } }")]
    [InlineData("{ type: { $include: 'a${MISPLACED}' } }")]
    [InlineData("{ type: { $include: 'fairlead.yaml#${MISPLACED}' } }")]
    public void T115_A_secret_that_a_variable_brings_to_the_wrong_place_is_not_repeated(string locator)
    {
        _loading.Environment["MISPLACED"] = "se:cret";

        var errors = string.Join('\n', _loading.Load($"kubernetes: {{ clusterLocatorMethods: [{locator}] }}").Errors);

        errors.Should().NotContain("se:cret").And.MatchRegex("known types: config|known are google|is no host name|MISPLACED");
    }

    [Fact]
    public void T115_A_secret_in_a_variable_of_the_configuration_that_stands_in_the_wrong_place_is_not_repeated()
    {
        _loading.Environment["APP_CONFIG_kubernetes_clusterLocatorMethods"] = """[{"type":"se:cret"},{"type":"config","clusters":[{"name":"a","url":"https://a","authProvider":"se:cret"}]}]""";

        var errors = string.Join('\n', _loading.Load("baseUrl: /x").Errors);

        errors.Should().NotContain("se:cret").And.Contain("known types: config").And.Contain("known are google");
    }

    [Theory]
    [InlineData("{ type: eks }", "type", "'eks' is not a known type; known types: config, catalog, gke, localKubectlProxy, kubeconfig, inCluster")]
    [InlineData("{ name: x }", "type", "is missing; known types: config")]
    [InlineData("{ type: config }", "clusters", "is missing")]
    [InlineData("{ type: inCluster, name: a/b }", "name", "has to consist of letters")]
    [InlineData("{ type: inCluster, name: a--b }", "name", "has to consist of letters")]
    [InlineData("{ type: inCluster, name: '' }", "name", "must not be empty")]
    [InlineData("{ type: kubeconfig, path: [] }", "path", "the list is empty")]
    [InlineData("{ type: kubeconfig, contexts: [] }", "contexts", "the list is empty")]
    [InlineData("{ type: kubeconfig, context: a }", "context", "did you mean 'contexts'?")]
    [InlineData("{ type: gke }", "projectId", "is missing")]
    [InlineData("{ type: gke, projectId: p, authProvider: aws }", "authProvider", "has to be one of google, googleServiceAccount")]
    [InlineData("{ type: catalog, dangerouslyAllowClusterUrls: all }", "dangerouslyAllowClusterUrls", "has to be a list")]
    [InlineData("{ type: localKubectlProxy, port: 1 }", "port", "unknown key")]
    public void A_source_fault_is_an_error_with_its_key(string locator, string key, string message)
    {
        var error = _loading.Error($"kubernetes: {{ clusterLocatorMethods: [{locator}] }}");
        error.Path.Should().Be($"kubernetes.clusterLocatorMethods[0].{key}");
        error.Message.Should().Contain(message);
    }

    [Fact]
    public void A_kubeconfig_source_without_a_path_reads_what_kubectl_reads()
    {
        _loading.Environment["KUBECONFIG"] = "/one::two";
        _loading.Options("kubernetes: { clusterLocatorMethods: [{ type: kubeconfig }] }").ClusterLocators.Should().ContainSingle()
            .Which.Should().BeOfType<ClusterLocator.Kubeconfig>().Which.Paths.Should().Equal("/one", _loading.Folder.Of("two"));
        _loading.Environment.Clear();
        _loading.Error("kubernetes: { clusterLocatorMethods: [{ type: kubeconfig }] }").Message.Should().Contain("neither KUBECONFIG nor HOME is set");
    }

    public void Dispose() => _loading.Dispose();

    private static IReadOnlyList<ClusterDefinition> Clusters(GatewayOptions options) =>
        options.ClusterLocators.OfType<ClusterLocator.Config>().First().Clusters;
}
