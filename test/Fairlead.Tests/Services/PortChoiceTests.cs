using AwesomeAssertions;
using Fairlead.Kubernetes.Resources;
using Fairlead.Services;
using Xunit;

namespace Fairlead.Tests.Services;

public sealed class PortChoiceTests
{
    [Fact]
    public void H32_A_port_named_https_comes_before_one_named_http()
    {
        Chosen(null, new ServicePort(80, "http"), new ServicePort(443, "https")).Should().Be((443, "https"));
        Chosen(null, new ServicePort(443, "https"), new ServicePort(80, "http")).Should().Be((443, "https"));
        Chosen(null, new ServicePort(80, "http")).Should().Be((80, "http"));
        Chosen(null, new ServicePort(9090, "metrics"), new ServicePort(8080, "http")).Should().Be((8080, "http"));
    }

    [Fact]
    public void H33_The_only_port_is_the_one()
    {
        Chosen(null, new ServicePort(8080)).Should().Be((8080, "http"));
        Chosen(null, new ServicePort(443)).Should().Be((443, "https"));
        Chosen(null, new ServicePort(9090, "metrics")).Should().Be((9090, "http"));
    }

    [Fact]
    public void H34_Of_several_that_say_nothing_none_is_chosen()
    {
        var refusal = Refused(null, new ServicePort(1, "a"), new ServicePort(2, "b"));

        refusal.Reason.Should().Be(RefusalReason.PortNotFound);
        refusal.Message.Should().Contain("a (1)").And.Contain("b (2)").And.Contain("?port=");
    }

    [Fact]
    public void F13_The_application_protocol_decides_where_no_name_does()
    {
        Chosen(null, new ServicePort(1, "a"), new ServicePort(2, "b", AppProtocol: "http"), new ServicePort(3, "c", AppProtocol: "https")).Should().Be((3, "https"));
        Chosen(null, new ServicePort(1, "a"), new ServicePort(2, "b", AppProtocol: "http"), new ServicePort(3, "c", AppProtocol: "http")).Should().Be((2, "http"));
        Chosen(null, new ServicePort(1, "http"), new ServicePort(2, "b", AppProtocol: "https")).Should().Be((1, "http"), "a name comes first");
        Refused(null, new ServicePort(1, "a", AppProtocol: "kubernetes.io/h2c"), new ServicePort(2, "b", AppProtocol: "tcp"));
    }

    [Fact]
    public void H39_An_application_protocol_of_https_is_https() => Chosen(null, new ServicePort(8443, AppProtocol: "https")).Should().Be((8443, "https"));

    [Theory]
    [InlineData("https", "", 1, "https")]
    [InlineData("https-admin", "", 1, "https")]
    [InlineData("https-", "", 1, "https")]
    [InlineData("httpsx", "", 1, "http")]
    [InlineData("web-https", "", 1, "http")]
    [InlineData("metrics", "https", 1, "https")]
    [InlineData("metrics", "HTTPS", 1, "https")]
    [InlineData("metrics", "http", 443, "http")]
    [InlineData("", "", 443, "https")]
    [InlineData("web", "", 443, "http")]
    [InlineData("http", "", 443, "http")]
    [InlineData("", "", 8443, "http")]
    [InlineData("", "", 80, "http")]
    public void F14_The_scheme_follows_from_the_port(string name, string appProtocol, int port, string scheme) =>
        PortChoice.SchemeOf(new ServicePort(port, name, AppProtocol: appProtocol)).Should().Be(scheme);

    [Theory]
    [InlineData("metrics", 9090)]
    [InlineData("9090", 9090)]
    [InlineData("80", 80)]
    [InlineData("http", 80)]
    public void H35_A_port_is_asked_for_by_name_or_number(string asked, int port) =>
        Chosen(asked, new ServicePort(80, "http"), new ServicePort(9090, "metrics")).Port.Should().Be(port);

    [Fact]
    public void F12_A_name_comes_before_a_number() => Chosen("80", new ServicePort(80, "a"), new ServicePort(8080, "80")).Port.Should().Be(8080);

    [Theory]
    [InlineData("8080")]
    [InlineData("admin")]
    [InlineData("")]
    [InlineData("HTTP")]
    [InlineData("+80")]
    [InlineData(" 80")]
    [InlineData("80 ")]
    [InlineData("8 0")]
    [InlineData("-80")]
    [InlineData("0x50")]
    [InlineData("80.0")]
    [InlineData("4294967376")]
    [InlineData("99999999999999999999")]
    public void H38_A_port_that_is_not_declared_is_not_found(string asked)
    {
        var refusal = Refused(asked, new ServicePort(80, "http"), new ServicePort(9090, "metrics"));

        refusal.Reason.Should().Be(RefusalReason.PortNotFound);
        refusal.Message.Should().Contain("http (80)").And.Contain("metrics (9090)");
    }

    [Fact]
    public void F12_A_port_that_speaks_no_TCP_is_none()
    {
        Chosen(null, new ServicePort(53, "dns", "UDP"), new ServicePort(8080, "web")).Port.Should().Be(8080);
        Refused("53", new ServicePort(53, "dns", "UDP"), new ServicePort(8080, "web")).Message.Should().NotContain("dns");
        Refused(null, new ServicePort(443, "https", "UDP"));
    }

    [Fact]
    public void F13_A_Service_without_ports_says_so()
    {
        Refused(null).Message.Should().Contain("declared: none");
        PortChoice.Find(new Service(new ObjectMeta("web")), "80", out var refusal).Should().BeNull();
        refusal!.Reason.Should().Be(RefusalReason.PortNotFound);
    }

    /// <summary>The shipped server's own cases of choosing the port, with the outcomes of F13.</summary>
    [Fact]
    public void H101_The_shipped_cases_of_the_port()
    {
        Chosen(null, new ServicePort(80, "http"), new ServicePort(443, "https")).Should().Be((443, "https"));
        Chosen(null, new ServicePort(80, "http")).Should().Be((80, "http"));
        // Shipped: failures. F13: the only port is meant; none is none.
        Chosen(null, new ServicePort(9090, "metrics")).Should().Be((9090, "http"));
        Refused(null);
    }

    private static (int Port, string Scheme) Chosen(string? asked, params ServicePort[] ports)
    {
        var port = PortChoice.Find(Service(ports), asked, out var refusal);
        refusal.Should().BeNull();
        return (port!.Port, PortChoice.SchemeOf(port));
    }

    private static Refusal Refused(string? asked, params ServicePort[] ports)
    {
        PortChoice.Find(Service(ports), asked, out var refusal).Should().BeNull();
        refusal!.Message.Should().StartWith("services \"web\" ");
        return refusal;
    }

    private static Service Service(ServicePort[] ports) => new(new ObjectMeta("web", "default"), new ServiceSpec(Ports: ports));
}
