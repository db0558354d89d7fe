using System.Buffers.Text;
using System.Text;
using CsCheck;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Fuzz;
using Fairlead.Sessions;
using Fairlead.Testing.Access;
using Fairlead.Tests.Doors;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Fairlead.Tests.Fuzzing;

/// <summary>What the fuzz targets check, on inputs that are made of the pieces that each parser looks for; and what has to come out of legal ones.</summary>
public sealed class ParserPropertyTests
{
    private static readonly Gen<string> _token = Gen.Char["abcXYZ019-._~!$&'*+"].Array[1, 20].Select(static characters => new string(characters));
    private static readonly Gen<string> _visible = Gen.Char['!', '~'].Array[1, 60].Select(static characters => new string(characters));

    [Fact]
    public void T115_Request_targets_of_treacherous_pieces_keep_what_the_target_promises() =>
        Gen.Select(Targets.OneOf("", "/clusters/c", "/clusters/a--b/serviceproxy/ns/svc", "/serviceproxy/ns/https:svc:443", "/api/kubernetes/proxy", "/base/clusters/c"), Targets.Nasty)
            .Sample(static (door, rest) => Run("request-target", door + rest), iter: 20_000);

    [Fact]
    public void T115_Actions_in_every_spelling_mean_the_same_to_an_API_server() =>
        Gen.Select(Targets.OneOf("GET", "UPGRADE", "POST", "DELETE", "PATCH"), Spellings.Path, Spellings.Query).Sample(static (method, path, query) => Run("kubernetes-action", $"{method} {path}{query}"), iter: 20_000);

    [Fact]
    public void T115_No_spelling_of_a_header_survives_that_is_not_the_clients_to_send() =>
        Headers().Sample(static lines => Run("request-headers", "PUT /clusters/c/api/v1/x\nHost: gateway.test\n" + lines)
            && Run("request-headers", "GET /serviceproxy/ns/svc/x?y\nHost: gateway.test\n" + lines)
            && Run("request-headers", "GET /x\nHost: svc.test\nCookie: a=1; fairlead-session=x\n" + lines), iter: 5_000);

    [Fact]
    public void T115_No_header_of_an_answer_speaks_for_the_gateway() =>
        Gen.Select(Targets.OneOf("/clusters/c/x", "/serviceproxy/ns/svc/a/b", "/serviceproxy/ns/svc?request=x&port=p"), Targets.OneOf("200", "302", "404"), AnswerHeaders())
            .Sample(static (target, status, lines) => Run("response-headers", $"{target}\n{status}\n{lines}"), iter: 5_000);

    [Fact]
    public void T115_A_header_that_nobody_has_a_use_for_passes() =>
        _token.Sample(static name => !RequestHeaderRules.Drops("Q" + name) && !ServiceHeaderRules.DropsRequest("Q" + name) && !ResponseHeaderRules.Drops("Q" + name));

    [Fact]
    public void T115_Offers_of_sub_protocols_keep_what_the_target_promises() =>
        Targets.OneOf("base64url.", "bearer.authorization.k8s.io.", "base64url.bearer.authorization.k8s.io.", "ticket.fairlead.dev.", "base64url.headlamp.", "v5.channel.k8s.io", "eHl6", "YQpi", ",", ", ", " ", "\t", "=", "\n", ",,", "é")
            .Array[0, 12].Sample(static pieces => Run("websocket-protocols", string.Concat(pieces)), iter: 20_000);

    [Fact]
    public void T115_A_token_that_is_offered_as_a_sub_protocol_is_read_and_leaves_the_offer() =>
        Gen.Select(_visible, _token.Array[1, 4], Gen.Int[0, 4]).Sample(static (token, others, at) =>
        {
            var offers = others.ToList();
            offers.Insert(Math.Min(at, offers.Count), "base64url.bearer.authorization.k8s.io." + Base64Url.EncodeToString(Encoding.ASCII.GetBytes(token)));

            var read = WebSocketProtocols.Parse(new StringValues(string.Join(", ", offers)));

            return string.Equals(read.BearerToken, token, StringComparison.Ordinal) && string.Equals(read.Offered, string.Join(", ", others), StringComparison.Ordinal) && read.Problem is null;
        });

    [Fact]
    public void T115_Values_of_request_keep_what_the_target_promises() =>
        Targets.OneOf("a", "/", "//", "%2F", ".", "..", "%2e", "%252e", "%25", "%5C", "\\", ":", "@", "?", "#", "+", "%20", "%00", "%c3%a9", "%ff", "http:", "evil.example", ";", "%", "&")
            .Array[0, 10].Sample(static pieces => Run("request-value", string.Concat(pieces)), iter: 20_000);

    [Fact]
    public void T115_Cookies_keep_what_the_target_promises() =>
        Targets.OneOf("__Host-", "__Secure-", "__host-", "fairlead-", "session", "service", "ticket", "login-a", "headlamp-auth-main.", "0", "1", "fl1.", "a", "=", "=", ";", "; ", " ", "\n", "\"", "Domain=x", "; domain", ",", "\t")
            .Array[0, 14].Sample(static pieces => Run("cookies", string.Concat(pieces)), iter: 20_000);

    [Fact]
    public void T115_The_cookies_of_a_Service_come_through_and_ours_do_not() =>
        Gen.Select(_token.Array[1, 5], Targets.OneOf("fairlead-session", "__Host-fairlead-service", "__Secure-fairlead-ticket", "headlamp-auth-main.0"), Gen.Int[0, 5]).Sample(static (values, ours, at) =>
        {
            string[] theirs = [.. values.Select(static (value, i) => $"c{i}={value}")];
            var all = theirs.ToList();
            all.Insert(Math.Min(at, all.Count), $"{ours}=secret");
            return string.Equals(ServiceCookie.WithoutOurs(string.Join("; ", all)), string.Join("; ", theirs), StringComparison.Ordinal);
        });

    [Fact]
    public void T115_Frames_in_any_chunks_keep_what_the_target_promises() =>
        Gen.Byte.Array[0, 300].Sample(static bytes => Run("websocket-frames", bytes), iter: 20_000);

    [Fact]
    public void T115_What_plugins_print_keeps_what_the_target_promises() =>
        Targets.OneOf("{", "}", "\"kind\":\"ExecCredential\"", "\"apiVersion\":\"client.authentication.k8s.io/v1\"", "\"status\":", "\"token\":", "\"abcdefghijklmnop\"", "\"expirationTimestamp\":", "\"2030-01-01T00:00:00Z\"", ",", ":", "null", "\"\\ud800\"", "\"clientKeyData\":", "[", "]", "1")
            .Array[0, 16].Sample(static pieces => Run("exec-credential", string.Concat(pieces)), iter: 10_000);

    [Fact]
    public void T115_Tokens_that_were_signed_keep_what_the_target_promises() =>
        Gen.Select(Members("alg", "kid", "typ", "crit"), Members("iss", "aud", "exp", "nbf", "iat", "sub")).Sample(static (header, payload) => Run("signed-token", $"{header}\n{payload}"), iter: 500);

    private static Gen<string> Members(params string[] names) =>
        Gen.Select(Targets.OneOf(names), Targets.OneOf("\"RS256\"", "\"ES256\"", "\"none\"", "\"one\"", "\"http://issuer.test\"", "\"fairlead\"", "[\"fairlead\"]", "[1,null]", "1767229200", "1e400", "-1", "null", "{}", "\"\\ud800\"", "true"))
            .Select(static (name, value) => $"\"{name}\":{value}").Array[0, 6].Select(static members => $"{{{string.Join(',', members)}}}");

    private static Gen<string> Headers() => Lines(
        "Connection", "Authorization", "X-Test", "Accept", "Proxy", "Proxy-X", "Proxy_X", "X-Forwarded-For", "x_forwarded_host", "X-REMOTE-USER", "X_Remote_Group", "Impersonate-User", "impersonate_user", "Forwarded", "Via", "TE",
        "Upgrade", "Host", "Cookie", "Origin", "X-Headlamp_x", "KUBECONFIG", "X-HTTP_Method-Override", "Sec-WebSocket-Protocol", "Backstage_Kubernetes-Cluster", "X-Original_URL", "X-CSRF-Token", "Transfer-Encoding", "Content-Length");

    private static Gen<string> AnswerHeaders() => Lines(
        "Connection", "Set-Cookie", "Location", "Content-Security-Policy", "WWW-Authenticate", "Access-Control-Allow-Origin", "Cache-Control", "X-Accel-Redirect", "Refresh", "Content-Length", "Trailer", "X-Test", "Fairlead-Transport",
        "Proxy-Status", "Proxy-Authenticate", "Content-Type");

    private static Gen<string> Lines(params string[] names) =>
        Gen.Select(Targets.OneOf(names), Targets.OneOf("x", "close, X-Test", "keep-alive", "Upgrade", "websocket", "authorization,X-Remote-User", "Bearer secret", "/x", "//evil.example", "/base/y", "../x", "chunked", "0", "public, max-age=1", "", "base64url.bearer.authorization.k8s.io.eA, v5"))
            .Select(static (name, value) => $"{name}: {value}\n").Array[0, 8].Select(string.Concat);

    private static bool Run(string target, string input) => Run(target, Encoding.Latin1.GetBytes(input));

    /// <summary>A finding is an exception, which fails the test with its input.</summary>
    private static bool Run(string target, byte[] input)
    {
        FuzzTargets.Find(target)!.Run(input);
        return true;
    }
}
