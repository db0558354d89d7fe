namespace Fairlead.Testing.Access;

/// <summary>The requests that the gateway may refuse.</summary>
internal static partial class RequestCases
{
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
