using AwesomeAssertions;
using CsCheck;
using Fairlead.Kubernetes.Kubeconfigs;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Kubeconfigs;

/// <summary>Kubeconfigs that stand in no file.</summary>
public sealed class KubeconfigTextTests
{
    [Theory]
    [InlineData("server: https://h, certificate-authority: ca", "token: t", "certificate-authority names a file")]
    [InlineData("server: https://h, certificate-authority: /etc/passwd", "token: t", "certificate-authority names a file")]
    [InlineData("server: https://h", "tokenFile: /etc/passwd", "tokenFile names a file")]
    [InlineData("server: https://h", "client-certificate: c, client-key-data: eA==", "client-certificate names a file")]
    [InlineData("server: https://h", "exec: { command: c, apiVersion: client.authentication.k8s.io/v1 }", "exec names a program")]
    public void Files_and_programs_are_refused(string cluster, string user, string words)
    {
        var context = KubeconfigReader.ReadText(Text(cluster, user), "text").Contexts.Should().ContainSingle().Subject;

        context.Problems.Should().Contain(problem => problem.Contains(words, StringComparison.Ordinal));
        (context.Credential is KubeconfigCredential.TokenFile or KubeconfigCredential.ClientCertificate).Should().BeFalse();
        (context.Connection?.CertificateAuthority).Should().BeNull();
    }

    [Fact]
    public void What_stands_in_it_is_read()
    {
        var read = KubeconfigReader.ReadText(Text("server: https://h", "token: t") + "\ncurrent-context: x", "text");

        read.CurrentContext.Should().Be("x");
        read.Contexts.Should().ContainSingle().Which.Problems.Should().BeEmpty();
    }

    [Fact]
    public void No_text_makes_it_throw() => Gen.String.Sample(static text =>
    {
        var read = KubeconfigReader.ReadText(text, "text");
        return read.Errors.Count > 0 || read.Contexts.Count >= 0;
    });

    private static string Text(string cluster, string user) => $$"""
        clusters: [{ name: c, cluster: { {{cluster}} } }]
        users: [{ name: u, user: { {{user}} } }]
        contexts: [{ name: x, context: { cluster: c, user: u } }]
        """;
}
