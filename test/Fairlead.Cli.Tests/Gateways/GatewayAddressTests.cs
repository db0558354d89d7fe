using AwesomeAssertions;
using Fairlead.Cli.Gateways;
using Xunit;

namespace Fairlead.Cli.Tests.Gateways;

/// <summary>Where a gateway is.</summary>
public sealed class GatewayAddressTests
{
    [Theory]
    [InlineData("https://gw.example", "https://gw.example")]
    [InlineData("https://GW.example/", "https://gw.example")]
    [InlineData("gw.example:8443/base/", "https://gw.example:8443/base")]
    [InlineData("https://gw.example:443", "https://gw.example")]
    public void An_address_is_spelt_in_one_way(string given, string text) => GatewayAddress.Parse(given).Text.Should().Be(text);

    [Theory]
    [InlineData("http://gw.example", "https")]
    [InlineData("ftp://gw.example", "no address")]
    [InlineData("https://gw.example/?x", "no address")]
    [InlineData("https://me:secret@gw.example", "no address")]
    [InlineData("", "no address")]
    public void What_is_none_is_refused(string given, string why) => FluentActions.Invoking(() => GatewayAddress.Parse(given)).Should().Throw<CommandFailure>().WithMessage($"*{why}*");

    [Fact]
    public void A_clusters_name_is_one_segment() => GatewayAddress.Parse("https://gw.example/base").OfCluster("arn:aws/x y").Should().Be("https://gw.example/base/clusters/arn%3Aaws%2Fx%20y");

    [Fact]
    public void Two_gateways_never_share_a_file()
    {
        var one = GatewayAddress.Parse("https://gw.example/a_b").FileName;

        one.Should().NotBe(GatewayAddress.Parse("https://gw.example/a/b").FileName);
        one.Should().MatchRegex("^[a-zA-Z0-9._-]+$");
        GatewayAddress.Parse("https://gw.example/" + new string('x', 1000)).FileName.Length.Should().BeLessThan(120);
    }
}
