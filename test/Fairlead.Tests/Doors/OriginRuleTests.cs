using AwesomeAssertions;
using Fairlead.Doors;
using Xunit;

namespace Fairlead.Tests.Doors;

public sealed class OriginRuleTests
{
    private const string Own = "https://fairlead.example.com:8443";

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public void F18_A_page_of_the_same_origin_may_do_everything(string method) => Allows(method, site: "same-origin").Should().BeTrue();

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("OPTIONS", false)]
    [InlineData("POST", false)]
    [InlineData("PUT", false)]
    [InlineData("PATCH", false)]
    [InlineData("DELETE", false)]
    public void F18_H59_The_address_bar_and_a_client_that_says_nothing_may_only_read(string method, bool expected)
    {
        Allows(method, site: "none").Should().Be(expected);
        Allows(method).Should().Be(expected);
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData("")]
    [InlineData("Same-Origin")]
    [InlineData("same-origin, same-origin")]
    public void H59_Any_other_site_is_foreign(string site)
    {
        Allows("GET", site: site).Should().BeFalse();
        Allows("POST", site: site).Should().BeFalse();
        Allows("GET", site: site, origin: Own).Should().BeFalse("the browser's own word counts, not the header beside it");
    }

    [Theory]
    [InlineData(Own, true)]
    [InlineData("HTTPS://Fairlead.Example.com:8443", true)]
    [InlineData("http://evil.example", false)]
    [InlineData("http://fairlead.example.com:8443", false)]
    [InlineData("https://fairlead.example.com", false)]
    [InlineData("https://fairlead.example.com:8443.evil.example", false)]
    [InlineData("null", false)]
    [InlineData("", false)]
    public void H59_Without_a_site_the_origin_decides(string origin, bool expected)
    {
        Allows("GET", origin: origin).Should().Be(expected);
        Allows("POST", origin: origin).Should().Be(expected);
    }

    [Fact]
    public void F18_An_upgrade_without_a_word_about_its_page_is_refused()
    {
        Allows("GET", upgrade: UpgradeKind.WebSocket).Should().BeFalse();
        Allows("GET", upgrade: UpgradeKind.Spdy).Should().BeFalse();
        Allows("GET", upgrade: UpgradeKind.WebSocket, site: "none").Should().BeFalse();
        Allows("GET", upgrade: UpgradeKind.WebSocket, origin: "http://evil.example").Should().BeFalse();
        Allows("GET", upgrade: UpgradeKind.WebSocket, origin: Own).Should().BeTrue();
        Allows("GET", upgrade: UpgradeKind.WebSocket, site: "same-origin").Should().BeTrue();
    }

    [Fact]
    public void Decision10_A_link_on_a_foreign_page_may_lead_to_a_whole_page_and_to_nothing_else()
    {
        Allows("GET", site: "cross-site", navigates: true, mayNavigate: true).Should().BeTrue();
        Allows("GET", site: "same-site", navigates: true, mayNavigate: true).Should().BeTrue();
        Allows("GET", site: "cross-site", navigates: true).Should().BeFalse();
        Allows("GET", site: "cross-site", mayNavigate: true).Should().BeFalse();
        Allows("POST", site: "cross-site", navigates: true, mayNavigate: true).Should().BeFalse();
        Allows("GET", site: "cross-site", upgrade: UpgradeKind.WebSocket, navigates: true, mayNavigate: true).Should().BeFalse();
        Allows("GET", origin: "http://evil.example", navigates: true, mayNavigate: true).Should().BeFalse();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("same-site")]
    [InlineData("cross-site")]
    public void F7_A_page_of_a_configured_origin_counts_as_the_gateways_own(string? site)
    {
        Allows("POST", site: site, origin: "https://portal.example.com").Should().BeTrue();
        Allows("GET", site: site, origin: "https://portal.example.com", upgrade: UpgradeKind.WebSocket).Should().BeTrue();
        Allows("POST", site: site, origin: "https://portal.example.com.evil.example").Should().BeFalse();
        Allows("POST", site: site, origin: "http://portal.example.com").Should().BeFalse();
        Allows("POST", site: site, origin: "null").Should().BeFalse();
    }

    private static bool Allows(
        string method, string? site = null, string? origin = null, UpgradeKind upgrade = UpgradeKind.None, bool navigates = false, bool mayNavigate = false) =>
        OriginRule.Allows(
            new InboundRequest
            {
                Target = Inbound.Target("/serviceproxy/default/web/x"),
                Route = new DoorRoute.Auth(AuthRoute.Handover, Door.Service),
                Method = method,
                Upgrade = upgrade,
                Authorization = default,
                ClusterHeader = default,
                ClusterAuthorization = default,
                ProviderTokens = [],
                WebSocketProtocols = WebSocketProtocols.Untouched,
                Connection = default,
                Own = new OriginParts("https", Own["https://".Length..]),
                Origin = origin,
                FetchSite = site,
                IsNavigation = navigates,
                RemoteAddress = null,
            },
            ["https://portal.example.com"],
            mayNavigate);
}
