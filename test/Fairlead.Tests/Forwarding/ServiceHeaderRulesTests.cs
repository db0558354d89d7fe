using AwesomeAssertions;
using Fairlead.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Fairlead.Tests.Forwarding;

public sealed class ServiceHeaderRulesTests
{
    [Theory]
    [InlineData("Connection")]
    [InlineData("Keep-Alive")]
    [InlineData("TE")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Upgrade")]
    [InlineData("Cookie")]
    [InlineData("Authorization")]
    [InlineData("Proxy-Authorization")]
    [InlineData("KUBECONFIG")]
    [InlineData("kubeconfig")]
    [InlineData("X-HEADLAMP-USER-ID")]
    [InlineData("X-HEADLAMP_BACKEND-TOKEN")]
    [InlineData("x-headlamp-anything")]
    [InlineData("X-BACKSTAGE-TOKEN")]
    [InlineData("Backstage-Kubernetes-Authorization-oidc-x")]
    [InlineData("Backstage-Kubernetes-Cluster")]
    [InlineData("X-Remote-User")]
    [InlineData("X-Remote-Group")]
    [InlineData("Forwarded")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Access-Token")]
    [InlineData("X_Forwarded_Access_Token")]
    [InlineData("X-Real-IP")]
    [InlineData("Origin")]
    [InlineData("Referer")]
    [InlineData("X-Fairlead-Identity")]
    [InlineData("x-fairlead-identity")]
    public void H62_F27_What_is_not_a_Services_does_not_reach_it(string name) => DropsRequest(name).Should().BeTrue();

    [Theory]
    [InlineData("X_Fairlead_Identity")]
    [InlineData("X-Fairlead_Identity")]
    [InlineData("X_HEADLAMP_USER_ID")]
    [InlineData("X_BACKSTAGE_TOKEN")]
    public void F27_An_underline_for_a_dash_changes_nothing(string name) =>
        // CGI and WSGI make HTTP_X_FAIRLEAD_IDENTITY of both spellings: a client could say who it is.
        DropsRequest(name).Should().BeTrue();

    [Theory]
    [InlineData("Accept")]
    [InlineData("Accept-Encoding")]
    [InlineData("Accept-Language")]
    [InlineData("Range")]
    [InlineData("If-None-Match")]
    [InlineData("If-Modified-Since")]
    [InlineData("Content-Type")]
    [InlineData("Content-Encoding")]
    [InlineData("User-Agent")]
    [InlineData("X-Api-Key")]
    [InlineData("X-Request-ID")]
    [InlineData("X-Requested-With")]
    [InlineData("X-Backstages")]
    [InlineData("traceparent")]
    public void H63_F28_Everything_else_does(string name) => DropsRequest(name).Should().BeFalse();

    [Theory]
    [InlineData("Set-Cookie")]
    [InlineData("Set-Cookie2")]
    [InlineData("Clear-Site-Data")]
    [InlineData("Strict-Transport-Security")]
    [InlineData("Alt-Svc")]
    [InlineData("Service-Worker-Allowed")]
    [InlineData("Access-Control-Allow-Origin")]
    [InlineData("Access-Control-Expose-Headers")]
    [InlineData("Content-Security-Policy")]
    [InlineData("content-security-policy-report-only")]
    [InlineData("Cross-Origin-Opener-Policy")]
    [InlineData("Cross-Origin-Resource-Policy")]
    [InlineData("cross-origin-embedder-policy")]
    [InlineData("Report-To")]
    [InlineData("Reporting-Endpoints")]
    [InlineData("NEL")]
    [InlineData("Refresh")]
    [InlineData("X-Reload")]
    [InlineData("x-reload")]
    [InlineData("Fairlead-Transport")]
    [InlineData("Connection")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Keep-Alive")]
    public void H70_F29_What_would_speak_for_the_gateway_does_not_come_back(string name) => DropsResponse(name, hasOwnOrigin: false).Should().BeTrue();

    [Theory]
    [InlineData("Content-Type")]
    [InlineData("Content-Length")]
    [InlineData("Content-Encoding")]
    [InlineData("Content-Range")]
    [InlineData("Content-Disposition")]
    [InlineData("ETag")]
    [InlineData("Last-Modified")]
    [InlineData("Link")]
    [InlineData("Location")]
    [InlineData("Retry-After")]
    [InlineData("Vary")]
    [InlineData("WWW-Authenticate")]
    [InlineData("pagination-total-count")]
    [InlineData("X-Anything")]
    public void H69_F29_Everything_else_does(string name)
    {
        DropsResponse(name, hasOwnOrigin: false).Should().BeFalse();
        DropsResponse(name, hasOwnOrigin: true).Should().BeFalse();
    }

    [Theory]
    [InlineData("Content-Security-Policy", false)]
    [InlineData("Cross-Origin-Opener-Policy", false)]
    [InlineData("Fairlead-Transport", true)]
    [InlineData("Set-Cookie2", true)]
    [InlineData("Transfer-Encoding", true)]
    public void F30_On_an_origin_of_its_own_a_Service_may_lock_itself_up(string name, bool expected) => DropsResponse(name, hasOwnOrigin: true).Should().Be(expected);

    [Fact]
    public void H71_F30_On_the_gateways_origin_a_page_is_locked_up()
    {
        var headers = new HeaderDictionary { ["Content-Type"] = "text/html", ["X-Content-Type-Options"] = "sniff", ["fairlead-transport"] = "magic" };

        ServiceHeaderRules.Protect(headers, isRequestForm: false, "direct", hasOwnOrigin: false);

        headers["X-Content-Type-Options"].Should().Equal("nosniff");
        headers["Content-Security-Policy"].Should().Equal("sandbox");
        headers["Cross-Origin-Resource-Policy"].Should().Equal("same-origin");
        headers["Fairlead-Transport"].Should().Equal("direct");
        headers["Content-Type"].Should().Equal("text/html");
    }

    [Fact]
    public void F30_On_an_origin_of_its_own_it_is_not()
    {
        var headers = new HeaderDictionary { ["Content-Security-Policy"] = "default-src 'self'" };

        ServiceHeaderRules.Protect(headers, isRequestForm: false, "apiserver", hasOwnOrigin: true);

        headers["Content-Security-Policy"].Should().Equal("default-src 'self'");
        headers["X-Content-Type-Options"].Should().Equal("nosniff");
        headers["Fairlead-Transport"].Should().Equal("apiserver");
        headers.Should().NotContainKey("Cross-Origin-Resource-Policy");
    }

    [Fact]
    public void H72_F31_The_request_form_is_never_cached_and_the_path_form_as_the_Service_says()
    {
        var (request, path, silent) = (Cached("public, max-age=60"), Cached("public, max-age=60"), Cached(null));

        ServiceHeaderRules.Protect(request, isRequestForm: true, "direct", hasOwnOrigin: false);
        ServiceHeaderRules.Protect(path, isRequestForm: false, "direct", hasOwnOrigin: false);
        ServiceHeaderRules.Protect(silent, isRequestForm: false, "direct", hasOwnOrigin: false);

        request["Cache-Control"].Should().Equal("no-cache, private, max-age=0");
        request["Expires"].Should().Equal("Thu, 01 Jan 1970 00:00:00 GMT");
        request["Pragma"].Should().Equal("no-cache");
        request["X-Accel-Expires"].Should().Equal("0");
        path["Cache-Control"].Should().Equal("private, max-age=60");
        path.Should().NotContainKey("Pragma");
        silent["Cache-Control"].Should().Equal("no-cache, private, max-age=0");
        silent["X-Accel-Expires"].Should().Equal("0");

        static HeaderDictionary Cached(string? value) => value is null ? [] : new HeaderDictionary { ["Cache-Control"] = value };
    }

    [Theory]
    [InlineData("Bearer", true)]
    [InlineData("Bearer realm=\"web\", error=\"invalid_token\"", true)]
    [InlineData("bearer", true)]
    [InlineData("Basic realm=\"web\"", false)]
    [InlineData("Digest realm=\"web\", nonce=\"1\"", false)]
    [InlineData("Negotiate", false)]
    [InlineData("NTLM", false)]
    [InlineData("Custom x=\"Bearer\"", false)]
    [InlineData("", false)]
    public void H70_F29_Only_a_bearer_challenge_comes_back(string challenge, bool expected)
    {
        var headers = new HeaderDictionary { ["WWW-Authenticate"] = challenge };

        ServiceHeaderRules.Protect(headers, isRequestForm: false, "direct", hasOwnOrigin: false);

        headers["WWW-Authenticate"].ToArray().Should().Equal(expected ? [challenge] : []);
    }

    [Theory]
    [InlineData("Bearer realm=\"a\", Basic realm=\"b\"")]
    [InlineData("Bearer realm=\"a\", basic realm=\"b\"")]
    [InlineData("Bearer, Digest realm=\"b\"")]
    [InlineData("Bearer, Negotiate")]
    [InlineData("Bearer,NTLM")]
    public void H70_F29_A_challenge_behind_a_bearer_one_does_not_slip_through(string challenge)
    {
        var headers = new HeaderDictionary { ["WWW-Authenticate"] = challenge };

        ServiceHeaderRules.Protect(headers, isRequestForm: false, "direct", hasOwnOrigin: false);

        headers["WWW-Authenticate"].ToString().Should().NotContainAny("Basic", "basic", "Digest", "Negotiate", "NTLM");
    }

    [Fact]
    public void H70_F29_Of_several_challenges_the_bearer_one_stays()
    {
        var headers = new HeaderDictionary { ["WWW-Authenticate"] = new StringValues(["Basic realm=\"b\"", "Bearer realm=\"a\"", "Negotiate"]) };

        ServiceHeaderRules.Protect(headers, isRequestForm: false, "direct", hasOwnOrigin: false);

        headers["WWW-Authenticate"].Should().Equal("Bearer realm=\"a\"");
    }

    /// <summary>As a request passes: the rules for everybody first, then those for Services.</summary>
    private static bool DropsRequest(string name) => RequestHeaderRules.Drops(name) || ServiceHeaderRules.DropsRequest(name);

    private static bool DropsResponse(string name, bool hasOwnOrigin) => ResponseHeaderRules.Drops(name) || ServiceHeaderRules.DropsResponse(name, hasOwnOrigin);
}
