using AwesomeAssertions;
using Fairlead.Kubernetes.Resources;
using Fairlead.Services;
using Xunit;

namespace Fairlead.Tests.Services;

/// <summary>Which port is meant (contract F12 to F14, with the unit cases of the shipped server).</summary>
public sealed class PortChoiceTests
{
    public static TheoryData<string, string?, int, string> Found => new()
    {
        { "http:80 https:443", null, 443, "https" },
        { "http:80", null, 80, "http" },
        { ":8080", null, 8080, "http" },
        { ":443", null, 443, "https" },
        { "web:8443:https other:1", null, 8443, "https" },
        { "a:1:http b:2:https", null, 2, "https" },
        { "a:1:http b:2", null, 1, "http" },
        { "metrics:9090", null, 9090, "http" },
        { "https-metrics:9443", null, 9443, "https" },
        { "http:80 metrics:9090", "metrics", 9090, "http" },
        { "http:80 metrics:9090", "9090", 9090, "http" },
    };

    [Theory]
    [MemberData(nameof(Found))]
    public void H101_F13_F14_A_port_and_its_scheme(string ports, string? asked, int number, string scheme)
    {
        var port = PortChoice.Find(Service(ports), asked, out var refusal);

        refusal.Should().BeNull();
        port!.Port.Should().Be(number);
        PortChoice.SchemeOf(port).Should().Be(scheme);
    }

    [Theory]
    [InlineData("a:1 b:2", null, "a (1), b (2)")]
    [InlineData("http:80", "metrics", "http (80)")]
    [InlineData("http:80", "8080", "http (80)")]
    [InlineData(":80", "+80", "80")]
    [InlineData("", null, "none")]
    public void H34_H38_None_is_a_refusal_that_lists_the_declared_ones(string ports, string? asked, string listed)
    {
        PortChoice.Find(Service(ports), asked, out var refusal).Should().BeNull();

        refusal!.Reason.Should().Be(RefusalReason.PortNotFound);
        refusal.Message.Should().EndWith($"declared: {listed}");
    }

    [Fact]
    public void Ports_of_other_protocols_are_none()
    {
        var service = new Service(new ObjectMeta("dns"), new ServiceSpec(Ports: [new ServicePort(53, "dns", "UDP"), new ServicePort(8080, "web")]));

        PortChoice.Find(service, null, out _)!.Port.Should().Be(8080);
        PortChoice.Find(service, "53", out _).Should().BeNull();
    }

    private static Service Service(string ports) => new(
        new ObjectMeta("web"),
        new ServiceSpec(Ports: [.. ports.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static text => text.Split(':')).Select(static parts =>
            new ServicePort(int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), parts[0], AppProtocol: parts.ElementAtOrDefault(2) ?? ""))]));
}
