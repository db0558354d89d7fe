using AwesomeAssertions;
using Fairlead.Cli.Kubeconfigs;
using Xunit;

namespace Fairlead.Cli.Tests.Kubeconfigs;

/// <summary>What becomes of a kubeconfig.</summary>
public sealed class KubeconfigDocumentTests
{
    private const string Theirs =
        """
        apiVersion: v1
        kind: Config
        preferences: {colors: true}
        current-context: work
        clusters:
        - name: work
          cluster: {server: "https://work.example", insecure-skip-tls-verify: true}
        contexts:
        - name: work
          context: {cluster: work, user: me, namespace: mine}
        users:
        - name: me
          user: {token: "0123"}

        """;

    [Fact]
    public void A_new_one_has_all_that_kubectl_needs()
    {
        Make("").ToString().Should().Be(
            """
            apiVersion: v1
            kind: Config
            users:
            - name: "fairlead@gw"
              user:
                exec:
                  apiVersion: "client.authentication.k8s.io/v1"
                  command: "fairlead"
                  args:
                  - "credential"
                  - "--server"
                  - "https://gw"
                  interactiveMode: IfAvailable
                  provideClusterInfo: true
                  installHint: "fairlead is needed to sign in: get it from whoever runs the gateway, and put it into a folder of PATH"
            clusters:
            - name: "config--prod"
              cluster:
                server: "https://gw/clusters/config--prod"
                certificate-authority-data: UEVN
            contexts:
            - name: "config--prod"
              context:
                cluster: "config--prod"
                user: "fairlead@gw"
            current-context: "config--prod"

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void What_is_somebody_elses_stays_as_it_was()
    {
        var text = Make(Theirs).ToString();

        text.Should().Contain("current-context: work\n").And.Contain("colors: true").And.Contain("insecure-skip-tls-verify: true").And.Contain("token: \"0123\"").And.Contain("namespace: mine")
            .And.Contain("config--prod").And.Contain("fairlead@gw");
    }

    [Fact]
    public void To_do_it_twice_changes_nothing_but_keeps_what_was_added_to_a_context()
    {
        var once = Make(Theirs).ToString();

        Make(once).ToString().Should().Be(once);
        Make(once.Replace("user: \"fairlead@gw\"", "user: \"fairlead@gw\"\n    namespace: team-a", StringComparison.Ordinal)).ToString().Should().Contain("namespace: team-a");
    }

    [Fact]
    public void An_authority_that_is_no_longer_needed_goes_and_a_proxy_stays()
    {
        var document = KubeconfigDocument.Parse(Make("").ToString().Replace("certificate-authority-data: UEVN", "certificate-authority-data: UEVN\n    proxy-url: http://proxy", StringComparison.Ordinal), "");

        document.SetCluster("config--prod", "https://gw/clusters/config--prod", null, "fairlead@gw");

        document.ToString().Should().Contain("proxy-url: http://proxy").And.NotContain("certificate-authority-data");
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("null")]
    [InlineData("apiVersion: v1\nkind: Config\nclusters: null\ncontexts: []\nusers:\ncurrent-context: \"\"\n")]
    public void An_empty_one_is_filled(string text)
    {
        var written = Make(text).ToString();

        written.Should().Contain("current-context: \"config--prod\"").And.Contain("clusters:\n- name: \"config--prod\"").And.Contain("contexts:\n- name:");
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("1e3")]
    [InlineData("a: b # c")]
    [InlineData("x\"y\\z")]
    public void A_name_is_a_text_whatever_stands_in_it(string name)
    {
        var document = KubeconfigDocument.Parse("", "");
        document.SetCluster(name, "https://gw/clusters/x", null, "user");

        var again = KubeconfigDocument.Parse(document.ToString(), "");
        again.HasOther(name, static _ => false, "user").Should().BeTrue("it is found under its name");
        again.HasOther(name, static server => server is "https://gw/clusters/x", "user").Should().BeFalse();
    }

    [Theory]
    [InlineData("work", true)]
    [InlineData("config--prod", false)]
    [InlineData("absent", false)]
    public void Names_that_somebody_else_has_are_found(string name, bool isOther) =>
        KubeconfigDocument.Parse(Make(Theirs).ToString(), "").HasOther(name, static server => server.StartsWith("https://gw/clusters/", StringComparison.Ordinal), "fairlead@gw").Should().Be(isOther);

    [Theory]
    [InlineData("users: [{token: SENTINEL", "no YAML")]
    [InlineData("- SENTINEL", "no kubeconfig")]
    [InlineData("just SENTINEL", "no kubeconfig")]
    [InlineData("a: 1\n---\nb: SENTINEL", "several documents")]
    public void What_is_none_is_refused_without_showing_it(string text, string why)
    {
        var message = FluentActions.Invoking(() => KubeconfigDocument.Parse(text, "/home/me/config")).Should().Throw<CommandFailure>().Which.Message;

        message.Should().Contain(why).And.Contain("/home/me/config").And.NotContain("SENTINEL");
    }

    private static KubeconfigDocument Make(string text)
    {
        var document = KubeconfigDocument.Parse(text, "");
        document.SetUser("fairlead@gw", "fairlead", ["credential", "--server", "https://gw"]);
        document.SetCluster("config--prod", "https://gw/clusters/config--prod", "PEM", "fairlead@gw");
        document.SetCurrentWhereNone("config--prod");
        return document;
    }
}
