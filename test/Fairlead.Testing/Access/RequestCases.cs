namespace Fairlead.Testing.Access;

/// <summary>
/// Requests of every kind that means something else to authorization, in ordinary and in odd spellings. None of them is ambiguous: the gateway
/// takes them all. None of them changes anything: objects are missing, bodies are left out, or it is a dry run.
/// </summary>
internal static class RequestCases
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<RequestCase> All { get; } =
    [
        // Objects and lists, in a namespace, in all, and at cluster scope.
        new("GET", "/api/v1/pods"),
        new("GET", "/api/v1/pods/"),
        new("GET", "/api/v1/namespaces/other/pods"),
        new("GET", "/api/v1/namespaces/other/pods/"),
        new("GET", "/api/v1/namespaces/other/pods/foo"),
        new("GET", "/api/v1/namespaces/other/pods/foo/"),
        new("HEAD", "/api/v1/pods"),
        new("HEAD", "/api/v1/namespaces/other/pods/foo"),
        new("GET", "/api/v1/namespaces"),
        new("GET", "/api/v1/namespaces/"),
        new("GET", "/api/v1/namespaces/other"),
        new("GET", "/api/v1/nodes"),
        new("GET", "/api/v1/nodes/n1"),
        new("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/view"),
        new("GET", "/apis/apps/v1/deployments"),
        new("GET", "/apis/apps/v1/namespaces/other/deployments/d"),
        new("GET", "/apis/stable.example.com/v1beta1/namespaces/other/crontabs"),
        new("GET", "/apis/stable.example.com/v1beta1/crontabs/x"),
        new("GET", "/api/v1/namespaces/other/nonsense/x"),
        new("POST", "/api/v1/namespaces/other/pods"),
        new("POST", "/api/v1/namespaces"),
        new("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        new("PUT", "/api/v1/namespaces/other/pods/foo"),
        new("PATCH", "/apis/apps/v1/namespaces/other/deployments/d"),
        new("DELETE", "/api/v1/namespaces/other/pods/foo"),
        new("DELETE", "/api/v1/namespaces/other/pods"),
        new("DELETE", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3Dfoo"),
        new("DELETE", "/api/v1/namespaces/missing"),
        new("DELETE", "/apis/apps/v1/namespaces/other/deployments/?dryRun=All"),
        // A resource and a method without a verb: the server authorizes the empty verb, the gateway the method's name.
        new("OPTIONS", "/api/v1/pods", "options"),
        new("OPTIONS", "/api/v1/namespaces/other/pods/foo", "options"),

        // Watches.
        new("GET", "/api/v1/namespaces/other/pods?watch=1"),
        new("GET", "/api/v1/namespaces/other/pods?watch=true"),
        new("GET", "/api/v1/namespaces/other/pods?watch=TRUE"),
        new("GET", "/api/v1/namespaces/other/pods?watch="),
        new("GET", "/api/v1/namespaces/other/pods?watch"),
        new("GET", "/api/v1/namespaces/other/pods?watch=no"),
        new("GET", "/api/v1/namespaces/other/pods?watch=false"),
        new("GET", "/api/v1/namespaces/other/pods?watch=False"),
        new("GET", "/api/v1/namespaces/other/pods?watch=0"),
        new("GET", "/api/v1/namespaces/other/pods?watch=00"),
        new("GET", "/api/v1/namespaces/other/pods?watch=+0"),
        new("GET", "/api/v1/namespaces/other/pods?watch=0&watch=1"),
        new("GET", "/api/v1/namespaces/other/pods?watch=1&watch=0"),
        new("GET", "/api/v1/namespaces/other/pods?watch=%zz&watch=1"),
        new("GET", "/api/v1/namespaces/other/pods?w%61tch=%31"),
        new("GET", "/api/v1/namespaces/other/pods?Watch=1"),
        new("GET", "/api/v1/namespaces/other/pods?a;watch=1"),
        new("GET", "/api/v1/namespaces/other/pods?watch=1;a"),
        new("GET", "/api/v1/namespaces/other/pods??watch=1"),
        new("GET", "/api/v1/namespaces/other/pods?&&watch=1&"),
        new("GET", "/api/v1/namespaces/other/pods?watch=1&timeoutSeconds=abc"),
        new("GET", "/api/v1/namespaces/other/pods/foo?watch=1"),
        new("HEAD", "/api/v1/namespaces/other/pods?watch=1&timeoutSeconds=1"),
        new("GET", "/api/v1/namespaces/other/pods?watch=1") { IsUpgrade = true },
        new("GET", "/api/v1/watch/pods"),
        new("GET", "/api/v1/watch/namespaces"),
        new("GET", "/api/v1/watch/namespaces/other"),
        new("GET", "/api/v1/watch/namespaces/other/pods"),
        new("GET", "/api/v1/watch/namespaces/other/pods/foo"),
        new("GET", "/apis/apps/v1/watch/namespaces/other/deployments"),
        new("POST", "/api/v1/watch/namespaces/other/pods"),

        // The name that a field selector pins.
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3Dfoo"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=foo"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name==foo"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name!=foo"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name="),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=.."),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=a%2Fb"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=spec.nodeName%3Dn,metadata.name%3Dfoo"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=foo&labelSelector=app%3Dx"),
        new("GET", "/api/v1/namespaces/other/pods?watch=1&fieldSelector=metadata.name%3Dfoo"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=&fieldSelector=metadata.name=foo"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=foo&limit=x") { GatewayName = "foo" },

        // Sub-resources.
        new("PUT", "/api/v1/namespaces/other/pods/foo/status"),
        new("POST", "/api/v1/namespaces/other/pods/foo/eviction"),
        new("POST", "/api/v1/namespaces/other/pods/foo/binding"),
        new("PATCH", "/api/v1/namespaces/other/pods/foo/ephemeralcontainers"),
        new("POST", "/api/v1/namespaces/other/serviceaccounts/default/token"),
        new("GET", "/apis/apps/v1/namespaces/other/deployments/d/scale"),
        new("PATCH", "/apis/apps/v1/namespaces/other/deployments/d/scale"),
        new("GET", "/api/v1/namespaces/other/pods/foo/log?follow=true"),
        new("PUT", "/api/v1/namespaces/missing/status"),
        new("PUT", "/api/v1/namespaces/missing/finalize"),
        new("GET", "/api/v1/namespaces/other/finalizers"),
        new("GET", "/api/v1/namespaces/other/status/x"),
        new("GET", "/api/v1/nodes/n1/status"),
        new("GET", "/api/v1/namespaces/other/pods/foo/a/b/c"),

        // Streams: always create at the gateway (contract F34).
        new("GET", "/api/v1/namespaces/other/pods/foo/exec?command=ls", "create"),
        new("POST", "/api/v1/namespaces/other/pods/foo/exec?command=ls", "create"),
        new("GET", "/api/v1/namespaces/other/pods/foo/exec?command=ls", "create") { IsUpgrade = true },
        new("GET", "/api/v1/namespaces/other/pods/foo/%65xec", "create"),
        new("GET", "/api/v1/namespaces/other/pods/foo/attach", "create"),
        new("POST", "/api/v1/namespaces/other/pods/foo/portforward", "create"),
        new("GET", "/api/v1/namespaces/other/pods/foo/portforward", "create") { IsUpgrade = true },
        new("GET", "/api/v1/namespaces/other/services/web/proxy"),
        new("GET", "/api/v1/namespaces/other/services/http:web:80/proxy/"),
        new("POST", "/api/v1/namespaces/other/services/web/proxy/a//b%2Fc/%252F?watch=1"),
        new("GET", "/api/v1/namespaces/other/services/web/proxy/exec"),
        new("GET", "/api/v1/namespaces/other/pods/foo:80/proxy/x", "create") { IsUpgrade = true },
        new("DELETE", "/api/v1/nodes/n1/proxy/x/"),
        new("GET", "/api/v1/nodes/n1/proxy/exec/a/b/c", "create") { IsUpgrade = true },
        new("GET", "/api/v1/proxy/namespaces/other/services/web/x"),
        new("GET", "/api/v1/proxy/nodes/n1"),

        // Names that are words of the path language.
        new("GET", "/api/v1/namespaces/proxy/pods"),
        new("GET", "/api/v1/namespaces/proxy/pods/proxy"),
        new("GET", "/api/v1/namespaces/proxy/pods/proxy/proxy"),
        new("GET", "/api/v1/namespaces/watch/pods/watch"),
        new("GET", "/api/v1/namespaces/namespaces/pods"),
        new("GET", "/api/v1/namespaces/status"),
        new("GET", "/api/v1/namespaces/status/status"),
        new("GET", "/api/v1/pods/proxy"),

        // Spellings.
        new("GET", "/%61pi/v1/pods"),
        new("GET", "/api/v1/namespaces/other/%70ods/foo"),
        new("GET", "/api/v1/%6Eamespaces/other/%73ecrets"),
        new("GET", "/api/v1/w%61tch/namespaces/other/pods"),
        new("GET", "/api/v1/namespaces/other/secrets/system:x;y"),
        new("GET", "/api/v1/namespaces/other/secrets/a+b%20c"),
        new("GET", "/api/v1/namespaces/other/secrets/a%3Fwatch=1"),
        new("GET", "/api/v1/namespaces/other/secrets/caf%C3%A9"),
        new("GET", "/api/v1/Namespaces/other/Pods"),

        // Paths without a resource.
        new("GET", "/"),
        new("GET", "/api"),
        new("GET", "/api/"),
        new("GET", "/api/v1"),
        new("GET", "/api/v1/"),
        new("GET", "/apis"),
        new("GET", "/apis/apps"),
        new("GET", "/apis/apps/v1"),
        new("GET", "/apis/apps/v1/"),
        new("GET", "/%61pis/%61pps"),
        new("GET", "/version"),
        new("GET", "/version/"),
        new("GET", "/healthz"),
        new("HEAD", "/healthz"),
        new("POST", "/healthz"),
        new("GET", "/readyz/ping"),
        new("GET", "/metrics"),
        new("GET", "/m%65trics"),
        new("GET", "/openapi/v3"),
        new("GET", "/openapi/v3/apis/apps/v1?watch=1"),
        new("OPTIONS", "/openapi/v2"),
        new("GET", "/API/v1/pods"),
        new("GET", "/made/up/path/with/parts"),
        new("DELETE", "/made/up"),
        new("GET", "//made//up/"),
        new("GET", "/made%2Fup/%252F"),
    ];

    /// <summary>
    /// Spellings in which the meaning is easily lost. The gateway may refuse them; what it takes has to mean the same to the server.
    /// </summary>
    public static IReadOnlyList<RequestCase> Treacherous { get; } =
    [
        // The namespace is not the sub-resource proxy.
        new("GET", "/api/v1/watch/namespaces/proxy/secrets"),
        new("GET", "/apis/apps/v1/watch/namespaces/proxy/deployments"),
        new("GET", "/api/v1/watch/pods/proxy/exec", "create"),
        new("GET", "/api/v1/proxy/namespaces/proxy/services/web"),
        // More parts than Go's net/url reads: it drops the whole query.
        new("GET", "/api/v1/namespaces/other/pods?watch=1" + new string('&', GoTarget.MaximumQueryParts)),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=foo" + new string('&', GoTarget.MaximumQueryParts)),
        new("GET", "/api/v1/namespaces/other/pods?watch=1" + new string('&', GoTarget.MaximumQueryParts - 1)),
        // The long s, which Go's EqualFold takes for an s.
        new("GET", "/api/v1/namespaces/other/pods?watch=fal%C5%BFe"),
        new("GET", "/api/v1/namespaces/other/pods?watch=FAL%C5%BFE&limit=x"),
        // Field selectors are sorted, escaped, and wrong as a whole.
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=b,metadata.name=a"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=a,b"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name===a"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=x%5C,metadata.name=a"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=a%5C,b"),
        new("GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name=caf%C3%A9"),
    ];
}
