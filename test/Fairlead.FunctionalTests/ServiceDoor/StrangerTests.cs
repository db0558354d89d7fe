using System.Text;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>What nobody vouches for gets nothing, and what cannot be checked is not done.</summary>
public sealed class StrangerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Decision19_An_ExternalName_learns_nothing_about_the_caller_unless_the_configuration_names_it(bool isConfigured)
    {
        await using var passage = await ServicePassage.StartAsync(change: options => options with
        {
            ServiceProxy = options.ServiceProxy with
            {
                Authorization = ServiceAuthorization.Identity,
                ExternalNames = ["localhost"],
                Services = isConfigured ? [new ServiceOptions { Cluster = "main", Namespace = "default", Name = "hub", Authorization = ServiceAuthorization.Identity }] : [],
            },
        });
        passage.Cluster.Put($$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"hub","namespace":"default","annotations":{"fairlead.dev/authorization":"identity"} },
             "spec":{"type":"ExternalName","externalName":"localhost","ports":[{"name":"http","port":{{passage.Upstream.Port}}}]} }
            """);

        (await passage.GetAsync("/serviceproxy/default/hub/x")).Status.Should().Be(200);

        passage.Seen.Should().ContainSingle().Which.Headers("Authorization").Should().HaveCount(isConfigured ? 1 : 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task T43_T114_No_Service_leads_to_the_API_server_also_where_nobody_watches(bool mayAsk)
    {
        await using var passage = await ServicePassage.StartAsync(
            change: options => options with { ServiceProxy = new ServiceProxyOptions() },
            prepare: cluster =>
            {
                // The API server's endpoint is an address that is nobody's, so that only the policy can be the reason.
                ServiceCluster.Allow(cluster, "gateway", mayAsk ? "get list" : "get", "discovery.k8s.io", "endpointslices");
                ServiceCluster.Allow(cluster, "ann", "get list", "discovery.k8s.io", "endpointslices");
                ServiceCluster.Allow(cluster, "ann", "get", "", "services");
                foreach (var name in new[] { "kubernetes", "evil" })
                {
                    cluster.Put($$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{name}}","namespace":"default"},"spec":{"clusterIP":"None","ports":[{"name":"https","port":443}]} }""");
                    cluster.Put($$"""
                        {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
                         "metadata":{"name":"{{name}}-1","namespace":"default","labels":{"kubernetes.io/service-name":"{{name}}"} },
                         "ports":[{"name":"https","port":6443}],"endpoints":[{"addresses":["198.51.100.7"],"conditions":{"ready":true} }]}
                        """);
                }
            });

        (await passage.GetAsync("/serviceproxy/default/kubernetes/x")).Status.Should().Be(403);
        (await passage.GetAsync("/serviceproxy/default/evil/x")).Status.Should().Be(mayAsk ? 403 : 503, "an address that cannot be told from the API server's is not dialled");
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task F29_H69_Header_values_are_bytes_and_leave_as_they_came(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Upstream.Respond((RawAnswer)Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Disposition: attachment; filename=\"\u00e9.txt\"\r\n\r\nok"));

        var response = await WireClient.ExchangeAsync(
            protocol, protocol is WireProtocol.Http11 ? passage.Gateway.Port : passage.Gateway.TlsPort, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(ServiceCluster.UserToken));

        response.Status.Should().Be(200, response.ToString());
        response.Header("Content-Disposition").Should().Be("attachment; filename=\"\u00e9.txt\"");
    }

    [Theory]
    [InlineData("X_Fairlead_Identity")]
    [InlineData("X-Fairlead_Identity")]
    [InlineData("X_HEADLAMP_USER_ID")]
    [InlineData("X_BACKSTAGE_TOKEN")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X_HTTP_Method_Override")]
    public async Task T03_Headers_of_the_gateways_do_not_pass_in_any_spelling(string name)
    {
        await using var passage = await ServicePassage.StartAsync();

        (await passage.SendAsync(RawRequest.Get("/serviceproxy/default/web/x").With(name, "forged"))).Status.Should().Be(200);

        Encoding.Latin1.GetString(passage.Seen[0].HeadBytes).Should().NotContain("forged");
    }

    [Theory]
    [InlineData("X-Accel-Redirect: /internal")]
    [InlineData("X-Sendfile: /etc/passwd")]
    [InlineData("Surrogate-Control: max-age=60")]
    [InlineData("CDN-Cache-Control: max-age=60")]
    [InlineData("Cloudflare-CDN-Cache-Control: max-age=60")]
    public async Task F31_A_Service_commands_no_proxy_or_cache_in_front(string line)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Upstream.Respond(RawAnswer.Text(200, "ok", "text/plain", line));

        (await passage.GetAsync("/serviceproxy/default/web/x")).Header(line.Split(':')[0]).Should().BeNull();
    }
}
