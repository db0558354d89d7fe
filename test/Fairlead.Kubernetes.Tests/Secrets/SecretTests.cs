using System.Globalization;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Secrets;

public sealed class SecretTests
{
    private const string Value = "SENTINEL";
    private static readonly Secret _secret = new(Value);

    [Fact]
    public void T73_Nothing_prints_the_value()
    {
        string[] printed =
        [
            _secret.ToString(), $"{_secret}", string.Format(CultureInfo.InvariantCulture, "{0}", _secret), "" + _secret,
            JsonSerializer.Serialize(_secret), new PemSource.Inline(_secret).ToString(), new ClientCertificateSource(new PemSource.Inline(_secret), new PemSource.Inline(_secret)).ToString(),
        ];

        printed.Should().AllSatisfy(static text => text.Should().NotContain(Value));
        _secret.Reveal().Should().Be(Value);
    }

    [Fact]
    public void T73_A_proxys_password_is_not_printed_with_its_connection() =>
        new ClusterConnection { Server = new Uri("https://kube.test"), Proxy = ProxyAddress.TryParse("http://user:SENTINEL@proxy.test", out var proxy) ? proxy : null }.ToString()
            .Should().NotContain(Value).And.Contain("kube.test");

    [Fact]
    public void Equality_compares_the_values()
    {
        new Secret(Value).Should().Be(_secret);
        new Secret(Value).GetHashCode().Should().Be(_secret.GetHashCode());
        new Secret("sentinel").Should().NotBe(_secret);
        _secret.Equals((object)Value).Should().BeFalse();
        _secret.Equals(null).Should().BeFalse();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void An_empty_secret_cannot_be_made(string? value) =>
        FluentActions.Invoking(() => new Secret(value!)).Should().Throw<ArgumentException>();
}
