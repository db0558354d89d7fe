using AwesomeAssertions;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Kubeconfigs;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Kubeconfigs;

public sealed class KubeconfigReaderTests : IDisposable
{
    private static readonly PemPair Pair = PemPair.Create();
    private readonly TempFolder _folder = new();

    [Fact]
    public void A_context_joins_its_cluster_and_its_user()
    {
        var context = One(
            """
            server: https://10.0.0.1:6443/k8s
            tls-server-name: api.internal
            proxy-url: socks5://127.0.0.1:1080
            """,
            "token: abc.def");

        context.Problems.Should().BeEmpty();
        context.Name.Should().Be("ctx");
        context.Namespace.Should().Be("team-a");
        context.Connection.Should().Be(new ClusterConnection
        {
            Server = new Uri("https://10.0.0.1:6443/k8s"),
            TlsServerName = "api.internal",
            Proxy = new ProxyAddress(new Uri("socks5://127.0.0.1:1080"), null),
        });
        context.Credential.Should().Be(new KubeconfigCredential.Token(new Secret("abc.def")));
    }

    [Fact]
    public void Relative_paths_start_from_the_file_they_are_written_in()
    {
        var path = _folder.Write("deep/config", Text(
            "server: https://h\ncertificate-authority: ../ca.crt", "client-certificate: me.crt\nclient-key: /keys/me.key"));

        var context = KubeconfigReader.Read([path]).Contexts.Should().ContainSingle().Subject;

        context.Connection!.CertificateAuthority.Should().Be(new PemSource.File(_folder.Of("ca.crt")));
        context.Credential.Should().Be(new KubeconfigCredential.ClientCertificate(
            new ClientCertificateSource(new PemSource.File(_folder.Of("deep/me.crt")), new PemSource.File("/keys/me.key"))));
    }

    [Fact]
    public void Data_keys_are_taken_out_of_base64()
    {
        var context = One(
            $"server: https://h\ncertificate-authority-data: {Pair.CertificateData}",
            $"client-certificate-data: {Pair.CertificateData}\nclient-key-data: {Pair.KeyData}");

        context.Problems.Should().BeEmpty();
        context.Connection!.CertificateAuthority.Should().Be(new PemSource.Inline(new Secret(Pair.Certificate)));
        context.Credential.Should().Be(new KubeconfigCredential.ClientCertificate(new ClientCertificateSource(
            new PemSource.Inline(new Secret(Pair.Certificate)), new PemSource.Inline(new Secret(Pair.Key)))));
    }

    [Fact]
    public void A_token_file_wins_over_a_token() =>
        One("server: https://h", "token: abc\ntokenFile: tok").Credential.Should().Be(new KubeconfigCredential.TokenFile(_folder.Of("tok")));

    [Fact]
    public void A_client_certificate_wins_over_a_token_as_it_does_at_the_api_server() =>
        One("server: https://h", $"token: abc\nclient-certificate-data: {Pair.CertificateData}\nclient-key-data: {Pair.KeyData}")
            .Credential.Should().BeOfType<KubeconfigCredential.ClientCertificate>();

    [Theory]
    [InlineData("{}")]
    [InlineData("token: ''")]
    [InlineData("token:")]
    public void A_user_without_a_credential_has_none(string user)
    {
        var context = One("server: https://h", user);
        context.Credential.Should().Be(new KubeconfigCredential.None());
        context.Problems.Should().BeEmpty();
    }

    [Theory]
    [InlineData("auth-provider: { name: gcp, config: { access-token: SENTINEL } }", "auth-provider")]
    [InlineData("username: admin\npassword: SENTINEL", "username")]
    [InlineData("token: SENTINEL\nas: somebody", "as")]
    [InlineData("token: SENTINEL\nas-groups: [g]", "as-groups")]
    public void A_credential_that_is_not_supported_is_named(string user, string kind)
    {
        var context = One("server: https://h", user);

        var credential = context.Credential.Should().BeOfType<KubeconfigCredential.Unsupported>().Subject;
        credential.Kind.Should().Be(kind);
        credential.Problems.Should().Equal(context.Problems);
        context.Connection.Should().NotBeNull();
        context.Problems.Should().Contain(problem => problem.Contains($"context 'ctx': {kind} is not supported", StringComparison.Ordinal));
        string.Concat(context.Problems).Should().NotContain("SENTINEL");
    }

    [Theory]
    [InlineData("{}", "token: t", "server is missing")]
    [InlineData("server: 10.0.0.1:6443", "token: t", "server has to be a full URL")]
    [InlineData("server: ftp://h", "token: t", "server has to be a full URL")]
    [InlineData("server: https://u:SENTINEL@h", "token: t", "server must not hold user info")]
    [InlineData("server: https://h?x=SENTINEL", "token: t", "server must not have a query")]
    [InlineData("server: https://h#SENTINEL", "token: t", "server must not have a fragment")]
    [InlineData("server: [https://h]", "token: t", "server has to be a string, this is a list")]
    [InlineData("server: https://h\ncertificate-authority-data: SENTINEL*", "token: t", "certificate-authority-data is not valid base64")]
    [InlineData("server: https://h\ncertificate-authority-data: U0VOVElORUw=", "token: t", "there is no PEM certificate inside")]
    [InlineData("server: https://h\ncertificate-authority: a\ncertificate-authority-data: U0VOVElORUw=", "token: t", "certificate-authority-data must not stand together with certificate-authority")]
    [InlineData("server: https://h\ninsecure-skip-tls-verify: maybe", "token: t", "insecure-skip-tls-verify has to be true or false")]
    [InlineData("server: https://h\ninsecure-skip-tls-verify: true\ncertificate-authority: a", "token: t", "insecure-skip-tls-verify must not stand together")]
    [InlineData("server: https://h\nproxy-url: gopher://u:SENTINEL@h", "token: t", "proxy-url has to be")]
    [InlineData("server: https://h", "client-certificate: a", "client-key is missing")]
    [InlineData("server: https://h", "client-key-data: U0VOVElORUw=", "there is no PEM private key inside")]
    [InlineData("server: https://h", "client-key: a", "client-certificate is missing")]
    [InlineData("server: https://h", "token: 'SENT INEL'", "token holds blanks")]
    [InlineData("server: https://h", "token: Bearer SENTINEL", "token begins with 'Bearer '")]
    [InlineData("server: https://h", "token: { a: SENTINEL }", "token has to be a string, this is a map")]
    public void A_fault_names_file_context_and_key_and_no_value(string cluster, string user, string expected)
    {
        var context = One(cluster, user);

        context.Problems.Should().Contain(problem =>
            problem.StartsWith(_folder.Of("config") + ":", StringComparison.Ordinal)
            && problem.Contains("context 'ctx': ", StringComparison.Ordinal)
            && problem.Contains(expected, StringComparison.Ordinal));
        string.Concat(context.Problems).Should().NotContain("SENTINEL").And.NotContain("U0VOVElORUw");
    }

    [Fact]
    public void A_broken_context_breaks_itself_alone()
    {
        var path = _folder.Write("config", """
            clusters:
            - { name: good, cluster: { server: https://h } }
            - { name: bad, cluster: { server: nonsense } }
            - { name: twice, cluster: { server: https://one } }
            - { name: twice, cluster: { server: https://two } }
            users:
            - { name: u, user: { token: t } }
            contexts:
            - { name: ok, context: { cluster: good, user: u } }
            - { name: bad-url, context: { cluster: bad, user: u } }
            - { name: no-cluster, context: { cluster: nowhere, user: u } }
            - { name: no-user, context: { cluster: good, user: nobody } }
            - { name: nothing }
            - { name: double, context: { cluster: twice, user: u } }
            """);

        var kubeconfig = KubeconfigReader.Read([path]);

        kubeconfig.Errors.Should().BeEmpty();
        kubeconfig.Contexts.Where(context => context.Problems.Count == 0).Select(context => context.Name).Should().Equal("ok");
        kubeconfig.Contexts.Should().HaveCount(6);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("https://a")]
    [InlineData("a b")]
    [InlineData("::1")]
    public void A_server_name_that_is_none_is_a_problem_of_its_context(string name)
    {
        var path = _folder.Write("config", $$"""
            users: [{ name: u, user: { token: t } }]
            clusters: [{ name: c, cluster: { server: https://a, tls-server-name: "{{name}}" } }]
            contexts: [{ name: x, context: { cluster: c, user: u } }]
            """);

        var context = KubeconfigReader.Read([path]).Contexts.Should().ContainSingle().Subject;

        context.Problems.Should().ContainSingle().Which.Should().Contain("tls-server-name has to be a host name");
        context.Connection!.TlsServerName.Should().BeNull();
    }

    [Fact]
    public void The_first_file_to_set_an_entry_wins_and_nothing_of_the_second_is_mixed_in()
    {
        var first = _folder.Write("a/config", """
            users:
            - { name: red, user: { token: first } }
            clusters:
            - { name: c, cluster: { server: https://first } }
            contexts:
            - { name: x, context: { cluster: c, user: red } }
            """);
        var second = _folder.Write("b/config", """
            current-context: y
            users:
            - { name: red, user: { client-certificate: second.crt, client-key: second.key } }
            - { name: blue, user: { tokenFile: blue } }
            clusters:
            - { name: c, cluster: { server: https://second, tls-server-name: second } }
            contexts:
            - { name: x, context: { cluster: c, user: blue, namespace: second } }
            - { name: y, context: { cluster: c, user: blue } }
            """);

        var kubeconfig = KubeconfigReader.Read([first, _folder.Of("missing"), second]);

        kubeconfig.Errors.Should().BeEmpty();
        kubeconfig.CurrentContext.Should().Be("y");
        kubeconfig.Contexts.Select(context => context.Name).Should().Equal("x", "y");
        kubeconfig.Contexts[0].Should().BeEquivalentTo(new
        {
            File = first,
            Namespace = (string?)null,
            Connection = new ClusterConnection { Server = new Uri("https://first") },
            Credential = new KubeconfigCredential.Token(new Secret("first")),
        });
        kubeconfig.Contexts[1].Credential.Should().Be(new KubeconfigCredential.TokenFile(_folder.Of("b/blue")));
    }

    [Fact]
    public void A_single_missing_file_is_an_error_and_so_are_files_that_are_all_missing()
    {
        KubeconfigReader.Read([_folder.Of("no")]).Errors.Should().ContainSingle()
            .Which.ToString().Should().Be($"{_folder.Of("no")}: the file does not exist");
        KubeconfigReader.Read([_folder.Of("no"), _folder.Of("neither")]).Errors.Should().ContainSingle();
        KubeconfigReader.Read([]).Errors.Should().ContainSingle();
    }

    [Theory]
    [InlineData("a: b\nusers: [\n- SENTINEL", 3)]
    [InlineData("users:\n- name: u\n  name: v\n", 3)]
    [InlineData("- SENTINEL", 1)]
    [InlineData("clusters: SENTINEL", 1)]
    [InlineData("users:\n- user: { token: SENTINEL }", 2)]
    [InlineData("users:\n- name: u\n  user: { token: *SENTINEL }", 3)]
    [InlineData("users:\n- name: u\n  user: { token: !SENTINEL x }", 3)]
    [InlineData("a: 1\n---\nb: SENTINEL", 2)]
    public void A_malformed_file_is_an_error_with_its_line_and_gives_no_context_of_any_file(string text, int line)
    {
        var good = _folder.Write("good", Text("server: https://h", "token: t"));
        var bad = _folder.Write("bad", text);

        var kubeconfig = KubeconfigReader.Read([good, bad]);

        kubeconfig.Contexts.Should().BeEmpty();
        kubeconfig.Errors.Should().Contain(error => error.File == bad && error.Line == line);
        string.Concat(kubeconfig.Errors).Should().NotContain("SENTINEL");
    }

    [Fact]
    public void An_empty_file_has_no_contexts_and_no_error()
    {
        var kubeconfig = KubeconfigReader.Read([_folder.Write("empty", "")]);
        kubeconfig.Errors.Should().BeEmpty();
        kubeconfig.Contexts.Should().BeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private static string Text(string cluster, string user) => $"""
        apiVersion: v1
        kind: Config
        preferences: {"{}"}
        clusters:
        - name: c
          cluster:
        {Indented(cluster)}
        users:
        - name: u
          user:
        {Indented(user)}
        contexts:
        - name: ctx
          context: {"{"} cluster: c, user: u, namespace: team-a {"}"}
        """;

    private static string Indented(string text) => string.Join('\n', text.Split('\n').Select(line => $"    {line}"));

    private KubeconfigContext One(string cluster, string user)
    {
        var kubeconfig = KubeconfigReader.Read([_folder.Write("config", Text(cluster, user))]);
        kubeconfig.Errors.Should().BeEmpty();
        return kubeconfig.Contexts.Should().ContainSingle().Subject;
    }
}
