using System.Net.Security;
using AwesomeAssertions;
using Fairlead.Kubernetes.Connections;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Connections;

public sealed class ServerCertificateExceptionTests
{
    [Theory]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, ServerCertificateProblem.WrongHost)]
    [InlineData(SslPolicyErrors.RemoteCertificateNotAvailable, ServerCertificateProblem.NotTrusted)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors, ServerCertificateProblem.NotTrusted)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch, ServerCertificateProblem.NotTrusted)]
    public void The_worst_problem_is_the_one_that_is_told(SslPolicyErrors errors, ServerCertificateProblem expected) =>
        new ServerCertificateException(errors, null).Problem.Should().Be(expected);
}
