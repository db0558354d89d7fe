using System.Text;
using Fairlead.Testing.Access;
using Fairlead.Testing.Clients;

namespace Fairlead.HostileTests.Differential;

/// <summary>
/// Requests from a seed. Every second one is legal: its target, method and headers are of the accepted grammar, so that it has to pass. The others have something in
/// them that may be refused, or may pass unchanged.
/// </summary>
internal sealed class RequestGenerator(Random random, HostileWay way)
{
    private static readonly string[] _methods = ["GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    // None of them makes a dot segment, wherever it stands.
    private static readonly string[] _pieces =
    [
        "a", "B9", "z-", "_", "~", "!", "$", "&", "'", "(", ")", "*", "+", ",", "=", ":", "@", "%20", "%2F", "%2f", "%252F", "%25", "%C3%A9", "%ff", "a%2eb", "%7E", "[x]", "|", "\"", "^", "`", "{", "}",
        "<", ">", ";p=1", "a;b", "%zz", "%3F", "%23", "%5Cx",
    ];

    private static readonly string[] _queryPieces = [.. _pieces, "&", "&&", "=", "?", "/", "/../", "%00", "%0d%0a", "k=1", "k=2", "fieldSelector=a%3Db", "limit=5", "pretty", "labelSelector=x"];

    private static readonly string[] _headers =
    [
        "Accept", "Accept-Encoding", "Accept-Language", "User-Agent", "X-Test", "x-test", "X-Custom_Header", "If-Match", "If-None-Match", "If-Modified-Since", "Range", "Cache-Control", "Pragma", "Prefer", "Date",
        "X-Stream-Protocol-Version", "Kubectl-Command", "Kubectl-Session", "traceparent", "tracestate", "X-Request-Id", "Priority", "DNT", "From", "Max-Forwards", "Warning", "X-Remote", "X-Forwarded", "Link",
        "Authorization-Hint", "!#$%&'*+-.^_`|~9",
    ];

    // They are dropped, and no reason to refuse.
    private static readonly string[] _dropped =
    [
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X_Forwarded_For", "X-Real-IP", "Forwarded", "X-Remote-User", "X-Remote-Group", "X-Remote-Extra-Scopes", "x_remote_user",
        "X-Auth-Request-Email", "X-Forwarded-User", "X-Forwarded-Access-Token", "Via", "X-Original-URL", "Proxy-Authorization", "Proxy-Anything", "Proxy", "X-Kubernetes-Cluster", "Backstage-Anything",
        "Backstage_Kubernetes_Authorization", "Cookie2", "Alt-Svc", "ALPN",
    ];

    private static readonly string[] _contentHeaders = ["Content-Encoding", "Content-Language", "Content-Location", "Content-Disposition", "Content-Range", "Content-MD5", "Expires", "Last-Modified", "Allow"];

    private static readonly string[] _treacherous =
    [
        "/../x", "/./x", "/%2e%2e/x", "/.%2E", "/..;x/y", "/..%2Fx", "/%c0%ae%c0%ae/x", "/a\\..\\b", "/%5c..%5cx", "/%00", "/%0d%0aX-Evil:%201", "/#x", "/a b", "/\u00e9", "/\u0001", "/\u007f",
        "/api//v1/pods", "/api/v1/namespaces/a%2Fb", "/api/v1/namespaces//pods", "/apis%2Fapps/v1/x", "//api/v1/pods", "/api/v1/watch", "/api/v1/pods?watch=fal%C5%BFe", "/%61pi/v1/pods", "/api/v1/pods/%25",
        "/serviceproxy/x", "/set-token/", "/me/", "/helm", "/%6De", "?request=..%2Fx", "?port=1", "/x?\u00ff",
    ];

    private static readonly (string Name, string Value)[] _hostileHeaders =
    [
        ("Impersonate-User", "root"), ("impersonate_user", "root"), ("Impersonate-Future", "x"), ("Connection", "Authorization, X-Test"), ("Connection", "X-Forwarded-For"), ("Connection", "close, X-Test"),
        ("Upgrade", "h2c"), ("Upgrade", "TLS/1.0"), ("HTTP2-Settings", "AAMAAABkAAQAAP__"), ("TE", "trailers, deflate"), ("Trailer", "X-T"), ("Keep-Alive", "timeout=5"), ("Proxy-Connection", "x"),
        ("X-Test", "caf\u00e9"), ("X-Test", "a\u0001b"), ("X-Test", "a\tb"), ("X Test", "x"), ("X-Test ", "x"), ("X-T\u00e9st", "x"), ("(X)", "x"), ("", "x"), ("Backstage-Kubernetes-Authorization", "Bearer x y"),
        ("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.eA, x"), ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("X-HTTP-Method-Override", "DELETE"), ("Authorization", "Basic eDp5"),
    ];

    /// <summary>The next request.</summary>
    public GeneratedRequest Next() => random.Next(2) == 0 ? new GeneratedRequest(Legal(), true) : new GeneratedRequest(Hostile(), false);

    private RawRequest Legal() => WithBody(WithHeaders(new RawRequest(Pick(_methods), Target())));

    private RawRequest Hostile()
    {
        var request = Legal();
        if (random.Next(3) > 0)
        {
            var treacherous = Pick(_treacherous);
            request = request with { Target = treacherous[0] == '?' ? request.Target.Split('?')[0] + treacherous : random.Next(2) == 0 ? treacherous : request.Target.Split('?')[0] + treacherous };
        }

        if (random.Next(2) == 0)
        {
            var (name, value) = Pick(_hostileHeaders);
            request = request.With(name, value);
        }

        if (random.Next(6) == 0)
        {
            request = request with { Method = Pick(["TRACE", "get", "PROPFIND", "CONNECT", "Q", "PRI"]) };
        }

        if (random.Next(8) == 0)
        {
            // Any byte but those that end a line.
            var noise = new string([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => (char)random.Next(1, 256)).Where(static character => character is not ('\r' or '\n'))]);
            request = request with { Target = request.Target.Insert(random.Next(1, request.Target.Length + 1), noise) };
        }

        return request;
    }

    private string Target() => random.Next(3) switch
    {
        0 when way.Door is not DoorName.Service => Pick(RequestCases.All).Target is ['/', ..] target ? target : "/version",
        1 when way.Door is not DoorName.Service => $"/api/v1/namespaces/n/{Pick(["pods/p:80", "services/https:s:443"])}/proxy{Path()}{Query()}",
        // Another first segment than any that means something at a door.
        _ => $"{(random.Next(4) == 0 ? "/" : "")}/x{Path()}{Query()}",
    };

    private string Path()
    {
        var path = new StringBuilder();
        for (var segments = random.Next(4); segments > 0; segments--)
        {
            path.Append(random.Next(8) == 0 ? "//" : "/").Append('s').Append(Some(_pieces, 5));
        }

        return path.Append(random.Next(4) == 0 ? "/" : "").ToString();
    }

    private string Query() => random.Next(2) == 0 ? "" : "?" + Some(_queryPieces, 6);

    private string Some(string[] pieces, int most) => string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => Pick(pieces)));

    private RawRequest WithHeaders(RawRequest request)
    {
        for (var count = random.Next(7); count > 0; count--)
        {
            request = random.Next(4) == 0 ? request.With(Pick(_dropped), Value()) : request.With(Pick(_headers), Value());
        }

        return random.Next(4) == 0 ? request.With("Cookie", $"a={random.Next()}") : request;
    }

    private RawRequest WithBody(RawRequest request)
    {
        if (random.Next(3) > 0 || request.Method is "GET" or "HEAD" or "OPTIONS")
        {
            return request;
        }

        var body = new byte[random.Next(5) == 0 ? random.Next(70_000) : random.Next(200)];
        random.NextBytes(body);
        request = request.With("Content-Type", Pick(["application/json", "application/strategic-merge-patch+json", "application/vnd.kubernetes.protobuf", "x/y; a=\"b\""])) with { Body = body, Chunked = random.Next(2) == 0 };
        return random.Next(3) == 0 && body.Length > 0 ? request.With(Pick(_contentHeaders), Value()) : request;
    }

    private string Value()
    {
        // HTTP trims blanks at the ends (RFC 9110 5.5).
        var value = new string([.. Enumerable.Range(0, random.Next(24)).Select(_ => (char)random.Next(' ', '\x7f'))]).Trim();
        return random.Next(50) == 0 ? value + new string('v', random.Next(4_000)) : value;
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
