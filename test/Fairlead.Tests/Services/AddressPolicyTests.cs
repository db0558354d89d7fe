using System.Net;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Services;
using Xunit;

namespace Fairlead.Tests.Services;

/// <summary>Where a Service may point (contract F36; decisions 18 and 19).</summary>
public sealed class AddressPolicyTests
{
    private static readonly IPAddress[] _apiServer = [IPAddress.Parse("172.20.0.1")];

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.99.1.2")]
    [InlineData("::1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("fe80::1")]
    [InlineData("224.0.0.1")]
    [InlineData("ff02::1")]
    [InlineData("255.255.255.255")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("fd00:ec2::254")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:7f00:1::")]
    [InlineData("::127.0.0.1")]
    [InlineData("172.20.0.1")]
    [InlineData("::ffff:172.20.0.1")]
    public void F36_T43_No_endpoint_leads_there(string address) => new AddressPolicy(new ServiceProxyOptions()).Allows(IPAddress.Parse(address), _apiServer).Should().BeFalse();

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("172.20.0.2")]
    [InlineData("192.168.7.7")]
    [InlineData("100.64.0.9")]
    [InlineData("fd12:3456::1")]
    [InlineData("8.8.8.8")]
    public void Decision18_Pods_and_nodes_are_reached(string address) => new AddressPolicy(new ServiceProxyOptions()).Allows(IPAddress.Parse(address), _apiServer).Should().BeTrue();

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    public void Decision19_An_ExternalName_leads_to_public_places_only(string address, bool isAllowed) =>
        new AddressPolicy(new ServiceProxyOptions()).AllowsExternal(IPAddress.Parse(address), isListed: false, _apiServer).Should().Be(isAllowed);

    [Fact]
    public void F36_A_range_in_allowedAddresses_is_exempt()
    {
        var policy = new AddressPolicy(new ServiceProxyOptions { AllowedAddresses = [IPNetwork.Parse("127.0.0.0/8")] });

        policy.Allows(IPAddress.Parse("127.0.0.1"), _apiServer).Should().BeTrue();
        policy.Allows(IPAddress.Parse("::ffff:127.0.0.1"), _apiServer).Should().BeTrue();
        policy.AllowsExternal(IPAddress.Parse("127.0.0.1"), isListed: false, _apiServer).Should().BeTrue();
        policy.Allows(IPAddress.Parse("169.254.169.254"), _apiServer).Should().BeFalse();
    }

    [Theory]
    [InlineData("api.internal.example", true)]
    [InlineData("API.internal.example.", true)]
    [InlineData("x.apps.example", true)]
    [InlineData("a.b.apps.example", true)]
    [InlineData("apps.example", false)]
    [InlineData("evilapps.example", false)]
    [InlineData("internal.example", false)]
    [InlineData("api.internal.example.evil", false)]
    public void F36_A_listed_name_is_exact_or_below_its_suffix(string name, bool isListed) =>
        new AddressPolicy(new ServiceProxyOptions { ExternalNames = ["api.internal.example", "*.apps.example"] }).IsListed(name).Should().Be(isListed);

    [Fact]
    public void F36_The_gateways_own_addresses_are_refused()
    {
        var own = System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static one => one.GetIPProperties().UnicastAddresses).Select(static one => one.Address).ToArray();

        own.Should().NotBeEmpty();
        own.Should().AllSatisfy(static address => new AddressPolicy(new ServiceProxyOptions()).Allows(address, _apiServer).Should().BeFalse());
    }
}
