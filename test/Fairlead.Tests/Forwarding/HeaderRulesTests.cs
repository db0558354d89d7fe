using AwesomeAssertions;
using Fairlead.Forwarding;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Fairlead.Tests.Forwarding;

public sealed class HeaderRulesTests
{
    [Theory]
    [InlineData("Backstage-Kubernetes-Cluster")]
    [InlineData("Backstage-Kubernetes-Authorization")]
    [InlineData("backstage-kubernetes-authorization-oidc-okta")]
    [InlineData("Backstage-Anything")]
    [InlineData("Backstage_Kubernetes_Authorization")]
    [InlineData("X-Kubernetes-Cluster")]
    [InlineData("X_Kubernetes_Cluster")]
    [InlineData("Authorization")]
    [InlineData("AUTHORIZATION")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Proxy_Authorization")]
    [InlineData("Proxy-Authenticate")]
    [InlineData("Proxy-Anything")]
    [InlineData("Proxy")]
    [InlineData("proxy")]
    [InlineData("Cookie")]
    [InlineData("X-Remote-User")]
    [InlineData("X-Remote-Extra-Scopes")]
    [InlineData("X_Remote_User")]
    [InlineData("x-REMOTE_group")]
    [InlineData("Forwarded")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X_Forwarded_For")]
    [InlineData("X-Forwarded-Access-Token")]
    [InlineData("X-Real-IP")]
    [InlineData("X_Real_IP")]
    [InlineData("Host")]
    [InlineData("Connection")]
    [InlineData("Keep-Alive")]
    [InlineData("Proxy-Connection")]
    [InlineData("TE")]
    [InlineData("Trailer")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Upgrade")]
    [InlineData("HTTP2-Settings")]
    [InlineData(":authority")]
    [InlineData("Impersonate-User")]
    [InlineData("Impersonate_User")]
    [InlineData("ImpersonateUser")]
    [InlineData("impersonate-extra-scopes")]
    public void B41_B67_F22_T115_A_header_that_is_not_the_clients_to_send_stays_behind(string name) =>
        RequestHeaderRules.Drops(name).Should().BeTrue();

    [Theory]
    [InlineData("Accept")]
    [InlineData("Accept-Encoding")]
    [InlineData("User-Agent")]
    [InlineData("If-None-Match")]
    [InlineData("Range")]
    [InlineData("Origin")]
    [InlineData("Referer")]
    [InlineData("Content-Type")]
    [InlineData("Content-Length")]
    [InlineData("Expect")]
    [InlineData("Sec-WebSocket-Key")]
    [InlineData("X-Stream-Protocol-Version")]
    [InlineData("X-Test")]
    [InlineData("X-Custom_Header")]
    [InlineData("X-Remote")]
    [InlineData("X-Forwarded")]
    [InlineData("Backstage")]
    [InlineData("Authorization-Hint")]
    [InlineData("Proxied")]
    [InlineData("Kubectl-Command")]
    [InlineData("X-Re\u00cdote-User")]
    public void B68_F24_Every_other_goes_through(string name) => RequestHeaderRules.Drops(name).Should().BeFalse();

    [Theory]
    [InlineData("", "")]
    [InlineData("keep-alive, Upgrade", "")]
    [InlineData("close", "")]
    [InlineData("X-A, x-b ,, X-C", "X-A X-C x-b")]
    [InlineData("Authorization", "Authorization")]
    [InlineData("upgrade;x", "upgrade;x")]
    public void F22_Connection_nominates_headers(string line, string expected) =>
        string.Join(' ', (RequestHeaderRules.Nominated(line) ?? []).Order(StringComparer.Ordinal)).Should().Be(expected);

    [Fact]
    public void F22_Every_line_of_Connection_counts_and_case_does_not()
    {
        var nominated = RequestHeaderRules.Nominated(new StringValues(["close, X-A", null, "x-b"]))!;

        nominated.Should().HaveCount(2);
        nominated.Contains("x-a").Should().BeTrue();
        nominated.Contains("X-B").Should().BeTrue();
        RequestHeaderRules.Nominated(default).Should().BeNull();
    }

    [Theory]
    [InlineData("Set-Cookie", true)]
    [InlineData("set-cookie2", true)]
    [InlineData("Clear-Site-Data", true)]
    [InlineData("Strict-Transport-Security", true)]
    [InlineData("Alt-Svc", true)]
    [InlineData("Service-Worker-Allowed", true)]
    [InlineData("Access-Control-Allow-Origin", true)]
    [InlineData("access-control-max-age", true)]
    [InlineData("Report-To", true)]
    [InlineData("Reporting-Endpoints", true)]
    [InlineData("NEL", true)]
    [InlineData("Refresh", true)]
    [InlineData("Connection", true)]
    [InlineData("Transfer-Encoding", true)]
    [InlineData("Upgrade", true)]
    [InlineData("Content-Length", false)]
    [InlineData("Content-Encoding", false)]
    [InlineData("Content-Type", false)]
    [InlineData("ETag", false)]
    [InlineData("Warning", false)]
    [InlineData("Audit-Id", false)]
    [InlineData("X-Kubernetes-PF-FlowSchema-UID", false)]
    [InlineData("Retry-After", false)]
    [InlineData("WWW-Authenticate", false)]
    [InlineData("Location", false)]
    [InlineData("Sec-WebSocket-Accept", false)]
    [InlineData("Sec-WebSocket-Protocol", false)]
    [InlineData("X-Test", false)]
    public void B78_F31_What_would_speak_for_the_gateways_origin_stays_behind(string name, bool dropped) =>
        ResponseHeaderRules.Drops(name).Should().Be(dropped);
}
