using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Configuration;
using Fairlead.Services;
using Xunit;

namespace Fairlead.Tests.Services;

public sealed class AddressPolicyTests
{
    private static readonly IPAddress[] _noApiServer = [];

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("169.254.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.170.2")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.192")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("febf::1")]
    [InlineData("ff02::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd20:ce::254")]
    public void F36_H82_This_machine_this_link_nobody_everybody_and_metadata_are_refused(string address)
    {
        Allows(address).Should().BeFalse();
        AllowsExternal(address).Should().BeFalse();
    }

    [Theory]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("::169.254.169.254")]
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2002:e000:1::")]
    public void F36_IPv4_in_the_clothes_of_IPv6_is_what_it_is(string address)
    {
        Allows(address).Should().BeFalse();
        AllowsExternal(address).Should().BeFalse();
    }

    [Theory]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("2002:c0a8:1::1")]
    public void F36_H82_A_private_address_in_the_clothes_of_IPv6_is_private(string address)
    {
        Allows(address).Should().BeTrue("clusters are made of private addresses");
        AllowsExternal(address).Should().BeFalse();
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("192.0.0.1")]
    [InlineData("192.0.2.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("fc00::1")]
    [InlineData("fdff::1")]
    [InlineData("fec0::1")]
    [InlineData("2001:db8::1")]
    [InlineData("100::1")]
    public void F36_H82_An_ExternalName_leads_to_public_addresses_only(string address)
    {
        Allows(address).Should().BeTrue("an endpoint may be there");
        AllowsExternal(address).Should().BeFalse();
        AllowsExternal(address, isListed: true).Should().BeTrue();
    }

    /// <summary>IANA's special-purpose registry says "globally reachable: false" of each.</summary>
    [Theory]
    [InlineData("64:ff9b:1::1")]
    [InlineData("64:ff9b:1::a9fe:a9fe")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("2001:2::1")]
    public void F36_Other_addresses_that_nobody_on_the_internet_has_are_not_public(string address) => AllowsExternal(address).Should().BeFalse();

    /// <summary>The forms of RFC 2765 (IPv4-translated), RFC 4380 (Teredo: the client's address is inverted) and RFC 8215 (NAT64 of one's own).</summary>
    [Theory]
    [InlineData("::ffff:0:7f00:1")]
    [InlineData("::ffff:0:a9fe:a9fe")]
    [InlineData("2001:0:7f00:1::80ff:fffe")]
    [InlineData("64:ff9b:1::7f00:1")]
    public void F36_Rarer_clothes_of_loopback_and_metadata_are_seen_through(string address) => AllowsExternal(address).Should().BeFalse();

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("11.0.0.1")]
    [InlineData("172.15.0.1")]
    [InlineData("172.32.0.1")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.1")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.1")]
    [InlineData("192.169.0.1")]
    [InlineData("198.20.0.1")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450::1")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::1.1.1.1")]
    [InlineData("2002:101:101::1")]
    public void F36_H83_A_public_address_is_allowed(string address)
    {
        Allows(address).Should().BeTrue();
        AllowsExternal(address).Should().BeTrue();
    }

    [Fact]
    public void F36_The_API_servers_address_is_no_place_for_a_Service()
    {
        IPAddress[] apiServer = [IPAddress.Parse("10.0.0.7"), IPAddress.Parse("2a00::7"), IPAddress.Parse("::ffff:8.8.4.4")];
        var policy = new AddressPolicy(new ServiceProxyOptions());

        foreach (var address in new[] { "10.0.0.7", "::ffff:10.0.0.7", "64:ff9b::10.0.0.7", "2002:a00:7::", "2a00::7", "8.8.4.4" })
        {
            policy.Allows(IPAddress.Parse(address), apiServer).Should().BeFalse("{0} is the API server's", address);
            policy.AllowsExternal(IPAddress.Parse(address), isListed: false, apiServer).Should().BeFalse("{0} is the API server's", address);
        }

        policy.Allows(IPAddress.Parse("10.0.0.8"), apiServer).Should().BeTrue();
        policy.AllowsExternal(IPAddress.Parse("8.8.8.8"), isListed: false, apiServer).Should().BeTrue();
    }

    [Fact]
    public void F36_The_gateways_own_addresses_are_no_place_for_a_Service()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(static one => one.GetIPProperties().UnicastAddresses).Select(static one => one.Address).ToArray();

        own.Should().NotBeEmpty();
        foreach (var address in own)
        {
            Allows(address.ToString()).Should().BeFalse("{0} is this machine", address);
            AllowsExternal(address.ToString()).Should().BeFalse("{0} is this machine", address);
            if (address.AddressFamily is AddressFamily.InterNetwork)
            {
                Allows(address.MapToIPv6().ToString()).Should().BeFalse("{0} is this machine", address);
            }
        }
    }

    [Theory]
    [InlineData("127.0.0.1/32", "127.0.0.1", true)]
    [InlineData("127.0.0.1/32", "::ffff:127.0.0.1", true)]
    [InlineData("127.0.0.1/32", "127.0.0.2", false)]
    [InlineData("169.254.0.0/16", "169.254.169.254", true)]
    [InlineData("10.0.0.0/8", "10.0.0.1", true)]
    [InlineData("10.0.0.0/8", "192.168.0.1", false)]
    [InlineData("::1/128", "::1", true)]
    [InlineData("fd00::/8", "fd00:ec2::254", true)]
    [InlineData("127.0.0.1/32", "::1", false)]
    public void F36_H82_A_listed_range_is_exempt(string range, string address, bool expected)
    {
        var policy = new AddressPolicy(new ServiceProxyOptions { AllowedAddresses = [IPNetwork.Parse(range)] });
        var parsed = IPAddress.Parse(address);

        policy.AllowsExternal(parsed, isListed: false, _noApiServer).Should().Be(expected);
        if (expected)
        {
            policy.Allows(parsed, _noApiServer).Should().BeTrue();
            policy.Allows(parsed, [parsed]).Should().BeTrue("the range is listed, the API server's address in it too");
        }
    }

    [Theory]
    [InlineData("artifacthub.io", "artifacthub.io", true)]
    [InlineData("artifacthub.io", "ArtifactHub.IO", true)]
    [InlineData("ArtifactHub.IO", "artifacthub.io", true)]
    [InlineData("artifacthub.io", "artifacthub.io.", true)]
    [InlineData("artifacthub.io", "www.artifacthub.io", false)]
    [InlineData("artifacthub.io", "artifacthub.io.evil.example", false)]
    [InlineData("artifacthub.io", "xartifacthub.io", false)]
    [InlineData("*.corp.example", "db.corp.example", true)]
    [InlineData("*.corp.example", "DB.Corp.Example.", true)]
    [InlineData("*.corp.example", "a.b.corp.example", true)]
    [InlineData("*.corp.example", "corp.example", false)]
    [InlineData("*.corp.example", ".corp.example", false)]
    [InlineData("*.corp.example", "evilcorp.example", false)]
    [InlineData("*.corp.example", "db.corp.example.evil.example", false)]
    [InlineData("*.corp.example", "*.corp.example", true)]
    [InlineData("corp*.example", "corpx.example", false)]
    public void F36_H82_A_name_is_listed_exactly_or_by_its_suffix(string pattern, string name, bool expected) =>
        new AddressPolicy(new ServiceProxyOptions { ExternalNames = ["other.example", pattern] }).IsListed(name).Should().Be(expected);

    [Fact]
    public void F36_Without_a_list_no_name_is_listed() => new AddressPolicy(new ServiceProxyOptions()).IsListed("localhost").Should().BeFalse();

    [Fact]
    public void F36_An_ExternalName_never_leads_further_than_an_endpoint() =>
        Addresses.Sample(
            static address => !new AddressPolicy(new ServiceProxyOptions()).AllowsExternal(address, isListed: false, _noApiServer)
                || new AddressPolicy(new ServiceProxyOptions()).Allows(address, _noApiServer),
            iter: 2_000);

    [Fact]
    public void F36_Every_disguise_of_an_IPv4_address_is_judged_as_that_address() =>
        Gen.Byte.Array[4].Sample(
            static bytes =>
            {
                var policy = new AddressPolicy(new ServiceProxyOptions());
                var plain = new IPAddress(bytes);
                var (allows, external) = (policy.Allows(plain, _noApiServer), policy.AllowsExternal(plain, isListed: false, _noApiServer));
                return Disguises(bytes).All(other => policy.Allows(other, _noApiServer) == allows && policy.AllowsExternal(other, isListed: false, _noApiServer) == external);
            },
            iter: 2_000);

    private static Gen<IPAddress> Addresses { get; } = Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16]).Select(static bytes => new IPAddress(bytes));

    private static IPAddress[] Disguises(byte[] bytes) =>
    [
        new([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, .. bytes]),
        new([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, .. bytes]),
        new([0x20, 0x02, .. bytes, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ];

    private static bool Allows(string address) => new AddressPolicy(new ServiceProxyOptions()).Allows(IPAddress.Parse(address), _noApiServer);

    private static bool AllowsExternal(string address, bool isListed = false) =>
        new AddressPolicy(new ServiceProxyOptions()).AllowsExternal(IPAddress.Parse(address), isListed, _noApiServer);
}
