using AwesomeAssertions;
using CsCheck;
using Fairlead.Sessions;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Fairlead.Tests.Sessions;

public sealed class ServiceCookieTests
{
    [Theory]
    [InlineData("__Host-fairlead-service=K", true, "K")]
    [InlineData("a=1; __Host-fairlead-service=K; b=2", true, "K")]
    [InlineData("a=1;__Host-fairlead-service=K", true, "K")]
    [InlineData("__Host-fairlead-service=K; __Host-fairlead-service=K", true, "K")]
    [InlineData("fairlead-service=K", false, "K")]
    public void Decision21_The_key_is_found(string cookies, bool isHttps, string key) => GatewayCookie.Service.Find(cookies, isHttps).Should().Be(key);

    [Theory]
    [InlineData("", true)]
    [InlineData("a=1", true)]
    [InlineData("fairlead-service=K", true)]
    [InlineData("__Host-fairlead-service=K", false)]
    [InlineData("__host-fairlead-service=K", true)]
    [InlineData("x__Host-fairlead-service=K", true)]
    [InlineData("a=__Host-fairlead-service=K", true)]
    [InlineData("__Host-fairlead-service=K; __Host-fairlead-service=L", true)]
    [InlineData("__Host-fairlead-service", true)]
    public void Decision21_Any_other_cookie_is_none_and_two_that_differ_are_none(string cookies, bool isHttps) => GatewayCookie.Service.Find(cookies, isHttps).Should().BeNull();

    [Fact]
    public void Decision21_Several_lines_are_one_list()
    {
        GatewayCookie.Service.Find(new StringValues(["a=1", "__Host-fairlead-service=K"]), isSecure: true).Should().Be("K");
        GatewayCookie.Service.Find(new StringValues(["__Host-fairlead-service=L", "__Host-fairlead-service=K"]), isSecure: true).Should().BeNull();
        GatewayCookie.Service.Find(default, isSecure: true).Should().BeNull();
    }

    [Theory]
    [InlineData("a=1; __Host-fairlead-service=K; b=2", "a=1; b=2")]
    [InlineData("fairlead-service=K; a=1", "a=1")]
    [InlineData("__HOST-FAIRLEAD-SERVICE=K; a=1", "a=1")]
    [InlineData("fairlead-session=S; headlamp-auth-main.0=T; Headlamp-Auth-main.1=T; a=1", "a=1")]
    [InlineData("__Host-fairlead=K; a=1", "a=1")]
    [InlineData("a=b=c; d; e=", "a=b=c; d; e=")]
    [InlineData("headlamp=1; myfairlead-x=2", "headlamp=1; myfairlead-x=2")]
    [InlineData("__Host-fairlead-service=K", null)]
    [InlineData("", null)]
    public void Decision21_A_Service_sees_its_own_cookies_alone(string cookies, string? expected) => ServiceCookie.WithoutOurs(cookies).Should().Be(expected);

    [Fact]
    public void Decision21_Several_lines_of_cookies_become_one() =>
        ServiceCookie.WithoutOurs(new StringValues(["a=1", "fairlead-service=K; b=2"])).Should().Be("a=1; b=2");

    [Theory]
    [InlineData("sid=1", "sid=1")]
    [InlineData("sid=1; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=60", "sid=1; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=60")]
    [InlineData("sid=1; Domain=example.com; Path=/", "sid=1; Path=/")]
    [InlineData("sid=1; domain=.example.com", "sid=1")]
    [InlineData("sid=1;DOMAIN=example.com;Secure", "sid=1;Secure")]
    [InlineData("sid=1; Domain = example.com", "sid=1")]
    [InlineData("sid=1; Domain", "sid=1")]
    [InlineData("sid=1; Path=/; Domain=a; Domain=b", "sid=1; Path=/")]
    [InlineData("domain=1; Path=/", "domain=1; Path=/")]
    [InlineData("__Host-sid=1; Path=/; Secure", "__Host-sid=1; Path=/; Secure")]
    [InlineData("sid=; Max-Age=0", "sid=; Max-Age=0")]
    [InlineData("sid=a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "sid=a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT")]
    public void Decision21_A_Services_cookie_stays_on_its_host(string line, string expected) => ServiceCookie.Confined(line).Should().Be(expected);

    [Theory]
    [InlineData("__Host-fairlead-service=X; Path=/; Secure")]
    [InlineData("__host-FAIRLEAD-service=X")]
    [InlineData(" __Host-fairlead-service =X")]
    [InlineData("fairlead-service=X")]
    [InlineData("fairlead-session=X")]
    [InlineData("Fairlead-Service=; Max-Age=0")]
    [InlineData("headlamp-auth-main.0=X")]
    [InlineData("=__Host-fairlead-service=X")]
    [InlineData("__Host-fairlead-service")]
    [InlineData("nameless")]
    [InlineData(" =x")]
    [InlineData("")]
    [InlineData("; Path=/")]
    public void Decision21_The_gateways_names_are_not_a_Services_to_set(string line) => ServiceCookie.Confined(line).Should().BeNull();

    [Fact]
    public void Decision21_Whatever_a_Service_sets_it_sets_no_domain_and_no_name_of_ours() =>
        Gen.OneOf(Doors.Targets.OneOf(
            "sid", "=", "=", ";", ";", " ", "\t", "Domain", "dOMAIN=", "example.com", "fairlead-service", "__Host-fairlead-service", "headlamp-auth-x", "Path=/", ",")).Array[0, 12].Select(string.Concat).Sample(
            static line =>
            {
                if (ServiceCookie.Confined(line) is not { } confined)
                {
                    return true;
                }

                var parts = confined.Split(';');
                var name = parts[0].Split('=')[0].Trim();
                return name.Length > 0 && ServiceCookie.WithoutOurs(parts[0].Trim()) is not null
                    && !parts.Skip(1).Any(static part => part.Split('=')[0].Trim().Equals("domain", StringComparison.OrdinalIgnoreCase));
            },
            iter: 20_000);

    [Fact]
    public void Decision21_The_gateways_cookie_is_locked_to_its_host()
    {
        GatewayCookie.Service.Set("K", isSecure: true).Should().Be("__Host-fairlead-service=K; Path=/; HttpOnly; SameSite=Lax; Secure");
        GatewayCookie.Service.Set("K", isSecure: false).Should().Be("fairlead-service=K; Path=/; HttpOnly; SameSite=Lax");
        GatewayCookie.Service.Clear(isSecure: true).Should().Be("__Host-fairlead-service=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure");
        GatewayCookie.Service.Clear(isSecure: false).Should().Be("fairlead-service=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }
}
