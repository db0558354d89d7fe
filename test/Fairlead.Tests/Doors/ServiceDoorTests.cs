using AwesomeAssertions;
using Fairlead.Doors;
using Xunit;

namespace Fairlead.Tests.Doors;

public sealed class ServiceDoorTests
{
    [Theory]
    [InlineData("", "/serviceproxy/default/web/api/charts", null)]
    [InlineData("", "/clusters/main/serviceproxy/default/web/api/charts", "main")]
    [InlineData("", "/clusters/main/serviceproxy/default/web?request=api%2Fcharts", "main")]
    [InlineData("", "/serviceproxy/default/web?request=api%2Fcharts", null)]
    [InlineData("/headlamp", "/headlamp/serviceproxy/default/web/api/charts", null)]
    [InlineData("/headlamp", "/headlamp/clusters/main/serviceproxy/default/web/api/charts", "main")]
    [InlineData("/headlamp", "/headlamp/clusters/main/serviceproxy/default/web?request=api%2Fcharts", "main")]
    [InlineData("/headlamp", "/headlamp/serviceproxy/default/web?request=api%2Fcharts", null)]
    public void H01_H02_H03_H04_H06_Every_shape_names_the_Service_and_its_path(string baseUrl, string target, string? cluster)
    {
        var route = Service(target, baseUrl);

        (route.Door, route.ClusterName).Should().Be((Door.Service, cluster));
        route.Target.Should().Be(new ServiceTarget("default", "web", null, null, "/api/charts", target.Contains("request=", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/serviceproxy/default/web/api/charts", "/serviceproxy/default/web")]
    [InlineData("/clusters/main/serviceproxy/default/https:web:8443/x", "/clusters/main/serviceproxy/default/https:web:8443")]
    [InlineData("/clusters/main/serviceproxy/default/web?request=x", "/clusters/main/serviceproxy/default/web")]
    [InlineData("/serviceproxy/default/web", "/serviceproxy/default/web")]
    public void F28_F32_The_doors_part_of_the_path_ends_with_the_Service(string target, string prefix) =>
        target[..Service(target).PrefixLength].Should().Be(prefix);

    [Theory]
    [InlineData("/headlamp/serviceproxy/default/web/x", "")]
    [InlineData("/serviceproxy/default/web/x", "/headlamp")]
    [InlineData("/clusters/main/serviceproxy/default/web/x", "/headlamp")]
    [InlineData("/headlampx/serviceproxy/default/web/x", "/headlamp")]
    public void H06_F40_Nothing_is_served_outside_the_base_URL(string target, string baseUrl) => Refused(target, baseUrl).Should().Be(RefusalReason.UnknownRoute);

    [Theory]
    [InlineData("/clusters/main/serviceproxy/default/web/?request=x", "/?request=x")]
    [InlineData("/serviceproxy/default/web/a?request=b", "/a?request=b")]
    [InlineData("/serviceproxy/default/web/a?x=1&request=b&request=c", "/a?x=1&request=b&request=c")]
    [InlineData("/serviceproxy/default/web/?request", "/?request")]
    [InlineData("/serviceproxy/default/web?requests=1", "/?requests=1")]
    [InlineData("/serviceproxy/default/web?Request=1", "/?Request=1")]
    [InlineData("/serviceproxy/default/web?x=request", "/?x=request")]
    public void H07_H09_F3_Elsewhere_a_request_parameter_is_the_Services(string target, string expected)
    {
        var found = Service(target).Target;

        (found.IsRequestForm, found.PathAndQuery).Should().Be((false, expected));
    }

    [Theory]
    [InlineData("/clusters/main/serviceproxy/default/web", "/")]
    [InlineData("/clusters/main/serviceproxy/default/web/", "/")]
    [InlineData("/serviceproxy/default/web", "/")]
    [InlineData("/serviceproxy/default/web?x=1", "/?x=1")]
    [InlineData("/serviceproxy/default/web?", "/?")]
    [InlineData("/serviceproxy/default/web/?", "/?")]
    public void H08_Without_a_path_the_root_is_asked_for(string target, string expected) => Service(target).Target.PathAndQuery.Should().Be(expected);

    [Theory]
    [InlineData("?request=")]
    [InlineData("?request")]
    [InlineData("?x=1&request")]
    [InlineData("?re%71uest=")]
    public void H10_An_empty_request_is_the_root(string query)
    {
        var found = Service("/clusters/main/serviceproxy/default/web" + query).Target;

        (found.IsRequestForm, found.PathAndQuery).Should().Be((true, "/"));
    }

    [Theory]
    [InlineData("/clusters/main/%73erviceproxy/default/web/x")]
    [InlineData("/clusters/main/serviceprox%79/default/web/x")]
    [InlineData("/clusters/main/%73erviceproxy")]
    [InlineData("/clusters/main//serviceproxy/default/web/x")]
    [InlineData("/clusters/main/serviceproxy%2Fdefault/web/x")]
    [InlineData("/%73erviceproxy/default/web/x")]
    [InlineData("/serviceprox%79/default/web?request=x")]
    [InlineData("/%63lusters/main/serviceproxy/default/web/x")]
    public void H11_F4_A_prefix_in_disguise_is_refused(string target) => Refused(target).Should().Be(RefusalReason.InvalidTarget);

    [Theory]
    [InlineData("/serviceproxy")]
    [InlineData("/serviceproxy/")]
    [InlineData("/serviceproxy?request=x")]
    [InlineData("/serviceproxy/default")]
    [InlineData("/serviceproxy/default?request=x")]
    [InlineData("/clusters/main/serviceproxy")]
    [InlineData("/clusters/main/serviceproxy/")]
    [InlineData("/clusters/main/serviceproxy/default")]
    public void H13_F4_A_path_that_names_no_Service_goes_nowhere(string target) => Refused(target).Should().Be(RefusalReason.UnknownRoute);

    [Theory]
    [InlineData("/serviceproxy//web/x")]
    [InlineData("/serviceproxy//")]
    [InlineData("/serviceproxy/default/")]
    [InlineData("/serviceproxy/default//x")]
    [InlineData("/serviceproxy/default/?request=x")]
    [InlineData("/clusters/main/serviceproxy//web/x")]
    [InlineData("/clusters/main/serviceproxy/default//x")]
    public void H13_F9_An_empty_name_is_refused(string target) => Refused(target).Should().Be(RefusalReason.InvalidTarget);

    [Theory]
    [InlineData("/serviceproxyx/default/web/x")]
    [InlineData("/Serviceproxy/default/web/x")]
    public void F4_A_neighbouring_path_is_none_of_the_doors(string target) => Refused(target).Should().Be(RefusalReason.UnknownRoute);

    [Theory]
    [InlineData("/serviceproxy/default/../x", "Service")]
    [InlineData("/serviceproxy/default/web?a\\b", "Service")]
    [InlineData("/clusters/main/serviceproxy/default/web/../x", "Service")]
    [InlineData("/clusters/main/serviceproxyx/..", "Cluster")]
    [InlineData("/serviceproxyx/..", "Backstage")]
    public void F34_A_target_that_cannot_be_parsed_is_answered_in_the_shape_of_its_door(string raw, string door) =>
        new Router("").DoorOf(raw).ToString().Should().Be(door);

    [Theory]
    [InlineData("/clusters/config--prod/serviceproxy/default/web/x", "config--prod")]
    [InlineData("/clusters/config%2Fprod/serviceproxy/default/web/x", "config/prod")]
    [InlineData("/clusters/arn:aws:eks:eu:1:cluster--prod/serviceproxy/default/web/x", "arn:aws:eks:eu:1:cluster--prod")]
    [InlineData("/clusters/arn:aws:eks:eu:1:cluster%2Fprod/serviceproxy/default/web?request=x", "arn:aws:eks:eu:1:cluster/prod")]
    [InlineData("/clusters/my__cluster/serviceproxy/default/web/x", "my__cluster")]
    public void H16_H17_The_cluster_may_be_named_with_an_encoded_slash(string target, string cluster) => Service(target).ClusterName.Should().Be(cluster);

    [Theory]
    [InlineData("/clusters/a%5Cb/serviceproxy/default/web/x")]
    [InlineData("/clusters/a%252Fb/serviceproxy/default/web/x")]
    [InlineData("/clusters/%ff/serviceproxy/default/web/x")]
    public void F6_A_cluster_name_in_disguise_is_refused(string target) => Refused(target).Should().Be(RefusalReason.InvalidTarget);

    [Theory]
    [InlineData("/serviceproxy/default/web/a%2Fb//c/?x=1&x=&y", "/a%2Fb//c/?x=1&x=&y")]
    [InlineData("/serviceproxy/default/web//c", "//c")]
    [InlineData("/serviceproxy/default/web/a%20b;c=d@e:f!$&'()*+,=~", "/a%20b;c=d@e:f!$&'()*+,=~")]
    [InlineData("/serviceproxy/default/web/%7Ea?%zz&%2e%2e/&=&&", "/%7Ea?%zz&%2e%2e/&=&&")]
    [InlineData("/serviceproxy/default/web/a?", "/a?")]
    [InlineData("/serviceproxy/default/web/a?export=1&ports=2&Port=3", "/a?export=1&ports=2&Port=3")]
    public void H20_F8_The_path_form_goes_on_byte_for_byte(string target, string expected) => Service(target).Target.PathAndQuery.Should().Be(expected);

    [Theory]
    [InlineData("/clusters/main/serviceproxy/default/web?request=search?q=test%26limit=10%26offset=0", "/search?q=test&limit=10&offset=0")]
    [InlineData("/clusters/main/serviceproxy/default/web?request=%2Fapi%2Fendpoint%3Fparam1%3Dvalue1%26param2%3Dvalue2&other=1", "/api/endpoint?param1=value1&param2=value2")]
    [InlineData("/clusters/main/serviceproxy/default/web?other=1&request=a", "/a")]
    [InlineData("/clusters/main/serviceproxy/default/web?request=a=b", "/a=b")]
    [InlineData("/clusters/main/serviceproxy/default/web?re%71uest=a", "/a")]
    public void H23_H24_Other_parameters_are_ignored_in_the_request_form(string target, string expected)
    {
        var found = Service(target).Target;

        (found.IsRequestForm, found.PathAndQuery).Should().Be((true, expected));
    }

    [Theory]
    [InlineData("http://malicious.local")]
    [InlineData("//evil.example/path")]
    [InlineData("../secret")]
    [InlineData("%252e%252e%2Fx")]
    [InlineData("%25zz")]
    [InlineData("a%5Cb")]
    public void H26_H27_A_value_that_is_no_relative_path_is_refused(string value)
    {
        Refused("/clusters/main/serviceproxy/default/web?request=" + value).Should().Be(RefusalReason.InvalidTarget);
        Refused("/serviceproxy/default/web?request=" + value).Should().Be(RefusalReason.InvalidTarget);
    }

    [Theory]
    [InlineData("?request=a&request=b")]
    [InlineData("?request=a&request=a")]
    [InlineData("?request&request=a")]
    [InlineData("?request=a&x=1&re%71uest=b")]
    [InlineData("?request=a&request=b&request=c")]
    public void H30_A_request_given_twice_is_refused(string query) => Refused("/clusters/main/serviceproxy/default/web" + query).Should().Be(RefusalReason.InvalidTarget);

    [Theory]
    [InlineData("/serviceproxy/default/web.other/x")]
    [InlineData("/serviceproxy/default/WEB/x")]
    [InlineData("/serviceproxy/def%2Fault/web/x")]
    [InlineData("/serviceproxy/default/we%2Fb/x")]
    [InlineData("/serviceproxy/Default/web/x")]
    [InlineData("/serviceproxy/default.other/web/x")]
    [InlineData("/serviceproxy/default:80/web/x")]
    [InlineData("/serviceproxy/-default/web/x")]
    [InlineData("/serviceproxy/default/web-/x")]
    [InlineData("/serviceproxy/default/we_b/x")]
    [InlineData("/serviceproxy/default/w%20b/x")]
    [InlineData("/serviceproxy/default/w%C3%A9b/x")]
    [InlineData("/serviceproxy/default/w%ffb/x")]
    [InlineData("/serviceproxy/default/user@web/x")]
    [InlineData("/serviceproxy/default/a:b:c:d/x")]
    [InlineData("/serviceproxy/default/:80/x")]
    [InlineData("/serviceproxy/default/http::80/x")]
    [InlineData("/serviceproxy/default/%E2%93%A6eb/x")]
    [InlineData("/clusters/main/serviceproxy/default/web.other?request=x")]
    public void H31_F11_What_is_no_DNS_label_is_not_found(string target) => Refused(target).Should().Be(RefusalReason.ServiceNotFound);

    [Fact]
    public void H31_A_label_has_63_characters_at_most()
    {
        Service($"/serviceproxy/{new string('n', 63)}/{new string('s', 63)}/x").Target.Name.Should().HaveLength(63);
        Refused($"/serviceproxy/default/{new string('s', 64)}/x").Should().Be(RefusalReason.ServiceNotFound);
        Refused($"/serviceproxy/{new string('n', 64)}/web/x").Should().Be(RefusalReason.ServiceNotFound);
    }

    [Fact]
    public void F11_Names_are_decoded_once()
    {
        var found = Service("/serviceproxy/def%61ult/w%65b%3A80/x").Target;

        (found.Namespace, found.Name, found.Port).Should().Be(("default", "web", "80"));
    }

    [Theory]
    [InlineData("web?port=metrics", null, "metrics", "/")]
    [InlineData("web/x?port=9090", null, "9090", "/x")]
    [InlineData("web/x?a=1&port=9090&b=2", null, "9090", "/x?a=1&b=2")]
    [InlineData("web/x?p%6Frt=90%390", null, "9090", "/x")]
    [InlineData("web:metrics/x", null, "metrics", "/x")]
    [InlineData("web:9090/x", null, "9090", "/x")]
    [InlineData("https:web:8443/x", "https", "8443", "/x")]
    [InlineData("http:web:metrics/x", "http", "metrics", "/x")]
    [InlineData("https%3Aweb%3A8443/x", "https", "8443", "/x")]
    [InlineData("https:80/x", null, "80", "/x")]
    public void H35_F12_A_port_may_be_named(string rest, string? scheme, string port, string expected)
    {
        var found = Service("/serviceproxy/default/" + rest).Target;

        (found.Scheme, found.Port, found.PathAndQuery).Should().Be((scheme, port, expected));
    }

    [Fact]
    public void H36_In_the_request_form_the_port_is_the_gateways()
    {
        var found = Service("/clusters/main/serviceproxy/default/web?request=x&port=9090").Target;

        (found.Port, found.PathAndQuery, found.IsRequestForm).Should().Be(("9090", "/x", true));
    }

    [Theory]
    [InlineData("/serviceproxy/default/web:80/x?port=1", "80", "/x?port=1")]
    [InlineData("/serviceproxy/default/http:web:80/x?port=&port=", "80", "/x?port=&port=")]
    [InlineData("/serviceproxy/default/web:80?request=a%3Fport=1&port=2", "80", "/a?port=1")]
    [InlineData("/serviceproxy/default/web:80?request=a%3Fport=1&port=2&port=3", "80", "/a?port=1")]
    public void H37_With_a_port_in_the_segment_the_query_is_the_Services(string target, string port, string expected)
    {
        var found = Service(target).Target;

        (found.Port, found.PathAndQuery).Should().Be((port, expected));
    }

    [Theory]
    [InlineData("web/x?port=")]
    [InlineData("web/x?port")]
    [InlineData("web/x?port=1&port=2")]
    [InlineData("web/x?port=1&p%6Frt=1")]
    [InlineData("web/x?port=%zz")]
    [InlineData("web?request=x&port=")]
    [InlineData("web?port=1&request=x&port=1")]
    [InlineData("web:/x")]
    [InlineData("http:web:/x")]
    [InlineData("ftp:web:80/x")]
    [InlineData("HTTPS:web:80/x")]
    [InlineData(":web:80/x")]
    public void H38_F12_An_empty_or_repeated_port_or_a_foreign_scheme_is_refused(string rest) =>
        Refused("/serviceproxy/default/" + rest).Should().Be(RefusalReason.InvalidTarget);

    /// <summary>The cases of the shipped server's own tests for reading the route, with the outcomes of F3, F10 and F11.</summary>
    [Theory]
    [InlineData("/clusters/main/serviceproxy/ns/svc?request=%2Fapi%2Fv1%2Fdata", "/api/v1/data")]
    [InlineData("/clusters/main/serviceproxy/ns/svc?request=%2Fapi%3Fq%3D1%26r%3D2", "/api?q=1&r=2")]
    [InlineData("/clusters/main/serviceproxy/ns/svc?request=%2Fa%2Fb%2Fc", "/a/b/c")]
    [InlineData("/clusters/main/serviceproxy/ns/svc", "/")]
    [InlineData("/clusters/main/serviceproxy/ns/my.dotted.service?request=x", null)]
    [InlineData("/clusters/main/serviceproxy/ns/svc?request=%2Fsearch%3Ftext%3Da%2520b%26filter%3Dc%252Fd", "/search?text=a%20b&filter=c%2Fd")]
    public void H101_The_shipped_cases_of_the_route(string target, string? expected) =>
        (Find(target, "") as DoorRoute.Service)?.Target.PathAndQuery.Should().Be(expected, "it is {0}", Find(target, ""));

    [Fact]
    public void F8_Whatever_stands_below_the_Service_goes_on_unchanged() =>
        CsCheck.Check.Sample(
            Targets.Nasty,
            static path => RequestTarget.Parse("/serviceproxy/default/web:80" + path, int.MaxValue, out _) is not { } target
                || string.Equals(((DoorRoute.Service)new Router("").Find(target)).Target.PathAndQuery, path, StringComparison.Ordinal),
            iter: 20_000);

    private static DoorRoute Find(string target, string baseUrl) => new Router(baseUrl).Find(Inbound.Target(target));

    private static DoorRoute.Service Service(string target, string baseUrl = "") => Find(target, baseUrl).Should().BeOfType<DoorRoute.Service>().Subject;

    private static RefusalReason Refused(string target, string baseUrl = "") => Find(target, baseUrl).Should().BeOfType<DoorRoute.Refused>().Which.Refusal.Reason;
}
