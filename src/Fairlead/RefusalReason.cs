namespace Fairlead;

/// <summary>Why a request was refused: a closed set. <see cref="RefusalCatalog"/> is the one place that maps it to statuses and tags.</summary>
internal enum RefusalReason
{
    /// <summary>The request target is ambiguous or malformed.</summary>
    InvalidTarget,

    /// <summary>A header is malformed, repeated or contradicts another.</summary>
    InvalidRequest,

    /// <summary>The request is for another host name than the gateway's.</summary>
    MisdirectedRequest,

    /// <summary>The request line is longer than the limit.</summary>
    TargetTooLong,

    /// <summary>The body is larger than the limit.</summary>
    BodyTooLarge,

    /// <summary>The client stopped sending its body or sent a malformed one.</summary>
    BodyBroken,

    /// <summary>The client fell silent in the middle of its body.</summary>
    BodyTimeout,

    /// <summary>The method is not served.</summary>
    MethodNotAllowed,

    /// <summary>Nothing is served under this path.</summary>
    UnknownRoute,

    /// <summary>The service door is switched off.</summary>
    ServiceProxyOff,

    /// <summary>No such Service, or none that the caller may know of.</summary>
    ServiceNotFound,

    /// <summary>The Service declares no such port.</summary>
    PortNotFound,

    /// <summary>The Service has no ready endpoint, or none that can be sent to.</summary>
    NoEndpoints,

    /// <summary>The Service points to an address that the address policy refuses.</summary>
    AddressNotAllowed,

    /// <summary>The cluster, by the word of a source that may name public addresses only, is at another one.</summary>
    ClusterAddressNotAllowed,

    /// <summary>What is configured for the Service cannot be used.</summary>
    ServiceUnusable,

    /// <summary>Whether the caller may could not be found out.</summary>
    ReviewUnavailable,

    /// <summary>Too many questions what the caller may do were to be asked.</summary>
    TooManyReviews,

    /// <summary>The route is known but not served by Fairlead.</summary>
    NotImplemented,

    /// <summary>No credential was sent.</summary>
    MissingCredentials,

    /// <summary>A credential was sent and is not accepted.</summary>
    IllegalToken,

    /// <summary>Whether a credential is good cannot be found out now.</summary>
    LoginUnavailable,

    /// <summary>Too many unknown credentials came from there.</summary>
    TooManyUnknownTokens,

    /// <summary>A sign-in at the identity provider was not completed.</summary>
    LoginFailed,

    /// <summary>The cluster wants a token of the caller's own and none was sent.</summary>
    ClusterTokenRequired,

    /// <summary>No such cluster, or none that the caller may know of.</summary>
    ClusterNotFound,

    /// <summary>Several clusters have that name.</summary>
    ClusterAmbiguous,

    /// <summary>No rule allows it.</summary>
    NotAllowed,

    /// <summary>A page of another origin used a cookie.</summary>
    ForeignOrigin,

    /// <summary>The client asks to act as somebody else where that is not passed on.</summary>
    ImpersonationNotAllowed,

    /// <summary>The credential for the cluster could not be had.</summary>
    CredentialUnavailable,

    /// <summary>The cluster's configuration refers to something that cannot be used.</summary>
    ClusterUnusable,

    /// <summary>Nobody listens at the cluster's address.</summary>
    ConnectionRefused,

    /// <summary>The cluster's host name cannot be resolved.</summary>
    NameNotResolved,

    /// <summary>The cluster's certificate is not signed by a trusted authority.</summary>
    CertificateNotTrusted,

    /// <summary>The cluster's certificate is for another host.</summary>
    CertificateWrongHost,

    /// <summary>The cluster's certificate is not valid now.</summary>
    CertificateExpired,

    /// <summary>TLS failed for another reason.</summary>
    TlsFailed,

    /// <summary>The cluster closed the connection before it answered.</summary>
    ConnectionClosed,

    /// <summary>The cluster's answer is not HTTP or exceeds a limit.</summary>
    InvalidResponse,

    /// <summary>The cluster answered an upgrade with a redirect.</summary>
    UpgradeRedirected,

    /// <summary>The cluster answered an upgrade with success, and did not upgrade.</summary>
    UpgradeIgnored,

    /// <summary>The cluster could not be reached for another reason.</summary>
    Unreachable,

    /// <summary>No connection in time.</summary>
    ConnectTimeout,

    /// <summary>No answer in time.</summary>
    ResponseTimeout,

    /// <summary>As many sign-ins are under way as are allowed in all.</summary>
    TooManySessions,

    /// <summary>More requests came in a second than are allowed.</summary>
    TooManyRequests,

    /// <summary>As many requests, streams or upgraded connections are open as are allowed.</summary>
    TooManyOpen,

    /// <summary>The audit trail cannot take the record of a request that changes something.</summary>
    AuditUnavailable,

    /// <summary>The session has to be recorded, and its kind cannot be.</summary>
    RecordingRequired,

    /// <summary>The session has to be recorded, and recordings cannot be written.</summary>
    RecordingUnavailable,

    /// <summary>The gateway itself failed.</summary>
    InternalError,
}
