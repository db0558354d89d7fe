namespace Fairlead;

/// <summary>A request that is not forwarded, or that the upstream did not answer.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Message">For the caller: what was wrong, which header or path, how to mend it. Never an internal address, never a secret.</param>
internal sealed record Refusal(RefusalReason Reason, string Message)
{
    /// <summary>When to come again, in seconds (<c>Retry-After</c>); null where the reason alone says it.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Who has judged, where the caller may not.</summary>
    public Judge Judge { get; init; }
}

/// <summary>Who says whether a caller may.</summary>
internal enum Judge
{
    /// <summary>The access rules.</summary>
    Rules,

    /// <summary>The cluster.</summary>
    Cluster,

    /// <summary>The portal.</summary>
    Portal,
}

/// <summary>How a <see cref="RefusalReason"/> looks from outside.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="BackstageName"><c>error.name</c> at the Backstage door (contract, end of section 4).</param>
/// <param name="StatusReason"><c>reason</c> of the <c>metav1.Status</c> at the cluster door.</param>
/// <param name="ProxyStatusError">The error type of <c>Proxy-Status</c> (RFC 9209 2.3).</param>
/// <param name="Layer">The stage that refused.</param>
internal sealed record RefusalForm(int Status, string BackstageName, string StatusReason, string ProxyStatusError, string Layer)
{
    /// <summary>The whole <c>Proxy-Status</c> field value (contract F42).</summary>
    public string ProxyStatus { get; } = $"fairlead; error={ProxyStatusError}";
}

/// <summary>The one mapping from reason to status, names and tags.</summary>
internal static class RefusalCatalog
{
    private static readonly RefusalForm[] _forms = [.. Enum.GetValues<RefusalReason>().Select(Map)];

    /// <summary>The form of <paramref name="reason"/>.</summary>
    public static RefusalForm Form(this RefusalReason reason) => _forms[(int)reason];

    private static RefusalForm Map(RefusalReason reason) => reason switch
    {
        RefusalReason.InvalidTarget => new(400, "InputError", "BadRequest", "http_request_error", "target"),
        RefusalReason.InvalidRequest => new(400, "InputError", "BadRequest", "http_request_error", "request"),
        RefusalReason.MisdirectedRequest => new(421, "MisdirectedRequestError", "MisdirectedRequest", "http_request_error", "target"),
        RefusalReason.BodyBroken => new(400, "InputError", "BadRequest", "http_request_error", "request"),
        RefusalReason.BodyTimeout => new(408, "RequestTimeoutError", "Timeout", "http_request_error", "request"),
        RefusalReason.MissingCredentials => new(401, "AuthenticationError", "Unauthorized", "http_request_denied", "caller"),
        RefusalReason.IllegalToken => new(401, "AuthenticationError", "Unauthorized", "http_request_denied", "caller"),
        RefusalReason.LoginUnavailable => new(503, "ServiceUnavailableError", "ServiceUnavailable", "proxy_internal_error", "caller"),
        RefusalReason.TooManyUnknownTokens => new(429, "TooManyRequestsError", "TooManyRequests", "http_request_denied", "limits"),
        RefusalReason.LoginFailed => new(400, "InputError", "BadRequest", "http_request_denied", "caller"),
        RefusalReason.ClusterTokenRequired => new(401, "AuthenticationError", "Unauthorized", "http_request_denied", "credential"),
        RefusalReason.NotAllowed => new(403, "NotAllowedError", "Forbidden", "http_request_denied", "decision"),
        RefusalReason.ForeignOrigin => new(403, "NotAllowedError", "Forbidden", "http_request_denied", "caller"),
        RefusalReason.ImpersonationNotAllowed => new(403, "NotAllowedError", "Forbidden", "http_request_denied", "request"),
        RefusalReason.UnknownRoute => new(404, "NotFoundError", "NotFound", "http_request_error", "route"),
        RefusalReason.ClusterNotFound => new(404, "NotFoundError", "NotFound", "destination_not_found", "cluster"),
        RefusalReason.ServiceProxyOff => new(404, "NotFoundError", "NotFound", "http_request_error", "route"),
        RefusalReason.ServiceNotFound => new(404, "NotFoundError", "NotFound", "destination_not_found", "service"),
        RefusalReason.PortNotFound => new(404, "NotFoundError", "NotFound", "destination_not_found", "service"),
        RefusalReason.AddressNotAllowed => new(403, "NotAllowedError", "Forbidden", "destination_ip_prohibited", "service"),
        RefusalReason.ClusterAddressNotAllowed => new(502, "BadGatewayError", "BadGateway", "destination_ip_prohibited", "cluster"),
        RefusalReason.ServiceUnusable => new(502, "BadGatewayError", "BadGateway", "proxy_configuration_error", "service"),
        RefusalReason.NoEndpoints => new(503, "ServiceUnavailableError", "ServiceUnavailable", "destination_unavailable", "service"),
        RefusalReason.ReviewUnavailable => new(503, "ServiceUnavailableError", "ServiceUnavailable", "proxy_internal_error", "decision"),
        RefusalReason.TooManyReviews => new(429, "TooManyRequestsError", "TooManyRequests", "http_request_denied", "limits"),
        RefusalReason.MethodNotAllowed => new(405, "MethodNotAllowedError", "MethodNotAllowed", "http_request_error", "request"),
        RefusalReason.ClusterAmbiguous => new(409, "ConflictError", "Conflict", "http_request_error", "cluster"),
        RefusalReason.BodyTooLarge => new(413, "PayloadTooLargeError", "RequestEntityTooLarge", "http_request_error", "request"),
        RefusalReason.TargetTooLong => new(414, "InputError", "BadRequest", "http_request_error", "target"),
        RefusalReason.NotImplemented => new(501, "NotImplementedError", "NotImplemented", "http_request_error", "route"),
        RefusalReason.CredentialUnavailable => new(502, "BadGatewayError", "BadGateway", "proxy_configuration_error", "credential"),
        RefusalReason.ClusterUnusable => new(502, "BadGatewayError", "BadGateway", "proxy_configuration_error", "cluster"),
        RefusalReason.ConnectionRefused => new(502, "BadGatewayError", "BadGateway", "connection_refused", "upstream"),
        RefusalReason.NameNotResolved => new(502, "BadGatewayError", "BadGateway", "dns_error", "upstream"),
        RefusalReason.CertificateNotTrusted => new(502, "BadGatewayError", "BadGateway", "tls_certificate_error", "upstream"),
        RefusalReason.CertificateWrongHost => new(502, "BadGatewayError", "BadGateway", "tls_certificate_error", "upstream"),
        RefusalReason.CertificateExpired => new(502, "BadGatewayError", "BadGateway", "tls_certificate_error", "upstream"),
        RefusalReason.TlsFailed => new(502, "BadGatewayError", "BadGateway", "tls_protocol_error", "upstream"),
        RefusalReason.ConnectionClosed => new(502, "BadGatewayError", "BadGateway", "connection_terminated", "upstream"),
        RefusalReason.InvalidResponse => new(502, "BadGatewayError", "BadGateway", "http_protocol_error", "upstream"),
        RefusalReason.UpgradeRedirected => new(502, "BadGatewayError", "BadGateway", "http_upgrade_failed", "upstream"),
        RefusalReason.UpgradeIgnored => new(502, "BadGatewayError", "BadGateway", "http_upgrade_failed", "upstream"),
        RefusalReason.Unreachable => new(502, "BadGatewayError", "BadGateway", "destination_ip_unroutable", "upstream"),
        RefusalReason.ConnectTimeout => new(504, "GatewayTimeoutError", "Timeout", "connection_timeout", "upstream"),
        RefusalReason.ResponseTimeout => new(504, "GatewayTimeoutError", "Timeout", "http_response_timeout", "upstream"),
        RefusalReason.TooManySessions => new(429, "TooManyRequestsError", "TooManyRequests", "http_request_denied", "limits"),
        RefusalReason.TooManyRequests => new(429, "TooManyRequestsError", "TooManyRequests", "http_request_denied", "limits"),
        RefusalReason.TooManyOpen => new(429, "TooManyRequestsError", "TooManyRequests", "http_request_denied", "limits"),
        RefusalReason.AuditUnavailable => new(503, "ServiceUnavailableError", "ServiceUnavailable", "proxy_internal_error", "audit"),
        RefusalReason.InternalError => new(500, "Error", "InternalError", "proxy_internal_error", "gateway"),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "a refusal reason without a form"),
    };
}
